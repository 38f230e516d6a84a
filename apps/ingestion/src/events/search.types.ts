import {
  CONDITION_FIELDS, isUuid, type Operator, OPERATORS, readTime, termOf, toWellFormedText,
} from '@backhaul/domain'; // prettier-ignore
import { assertCondition, decodeCursor, IsTerm, Omittable, Problem, TERM_SCHEMA } from '@backhaul/http';
import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsIn, IsInt, IsString, Max, MaxLength, Min, ValidateNested } from 'class-validator'; // prettier-ignore
import type { EventSearch } from './event-search.js';

export const SEARCH_FIELDS = [...CONDITION_FIELDS, 'notificationProcessedErrors'] as const;
export type SearchField = (typeof SEARCH_FIELDS)[number];

export class ConditionIn {
  @ApiProperty({ enum: SEARCH_FIELDS }) @IsIn(SEARCH_FIELDS) field: SearchField;
  @ApiProperty({ enum: OPERATORS }) @IsIn(OPERATORS) operator: Operator;
  /** With `like`, `?` is exactly one character and `*` any run of them; case does not matter anywhere. */
  @ApiProperty(TERM_SCHEMA) @IsTerm() term: string | number;
}

export class SearchIn {
  /** Conditions that all have to hold; none finds every event. */
  @ApiProperty({ type: ConditionIn, isArray: true, maxItems: 20 })
  @IsArray()
  @ArrayMaxSize(20)
  @ValidateNested({ each: true })
  @Type(() => ConditionIn)
  all: ConditionIn[];

  @Omittable() @IsInt() @Min(1) @Max(200) limit?: number;
  @Omittable() @IsString() @MaxLength(1000) cursor?: string;
}

/** @throws Problem 400 for a term that is no number or time where one belongs, 422 for an operator that the field has not */
export function searchOf({ all, cursor }: SearchIn): EventSearch {
  const search: EventSearch = { conditions: [], ...(cursor !== undefined && { beforeId: idOf(cursor) }) };
  all.forEach(({ field, operator, term: given }, index) => {
    const text = toWellFormedText(String(given));
    assertCondition(field, operator, text, `/all/${index}`);
    const term = termOf(field, operator, text);
    if (operator === 'before' || operator === 'after') narrow(search, operator, readTime(term) ?? 0);
    else search.conditions.push({ field, operator, term });
  });
  return search;
}

/** Times need no comparison of texts: event ids sort by the time of receipt. */
function narrow(search: EventSearch, operator: 'before' | 'after', ms: number): void {
  if (operator === 'before') search.beforeMs = Math.min(search.beforeMs ?? Infinity, ms);
  else search.fromMs = Math.max(search.fromMs ?? 0, ms + 1);
}

/** The event behind which a page goes on. @throws Problem 400 for what no page has given */
export function idOf(cursor: string): string {
  const [id] = decodeCursor(cursor);
  if (!isUuid(id)) {
    const detail = 'must be the nextCursor of an earlier answer';
    throw Problem.badRequest([{ pointer: '/cursor', detail, rule: 'cursor' }]);
  }
  return id;
}
