import { isUuid, toWellFormedText } from '@backhaul/domain';
import { decodeCursor, Omittable, Problem, type ProblemError } from '@backhaul/http';
import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize, IsArray, IsIn, IsInt, IsString, Max, MaxLength, Min, ValidateBy, ValidateNested,
} from 'class-validator'; // prettier-ignore
import type { Condition, EventSearch } from './event-search.js';
import { readTime } from './event-time.js';
import { type Operator, OPERATORS, type TextOperator } from './search-pattern.js';

export const SEARCH_FIELDS = [
  'accountNo', 'custId', 'brandId', 'type', 'severity', 'status', 'job', 'hostName', 'message', 'receivedAt',
  'notificationProcessedErrors',
] as const; // prettier-ignore
export type SearchField = (typeof SEARCH_FIELDS)[number];

export const LONGEST_TERM = 1000;
const NUMBERS: readonly SearchField[] = ['accountNo', 'custId'];
const EXACT: readonly Operator[] = ['equals', 'notEquals'];

export const IsTerm = (): PropertyDecorator =>
  ValidateBy({
    name: 'isTerm',
    validator: {
      validate: (value: unknown) =>
        Number.isSafeInteger(value) || (typeof value === 'string' && value.length <= LONGEST_TERM),
      defaultMessage: () => `term must be a whole number or a text of at most ${LONGEST_TERM} characters`,
    },
  });

export class ConditionIn {
  @ApiProperty({ enum: SEARCH_FIELDS }) @IsIn(SEARCH_FIELDS) field: SearchField;
  @ApiProperty({ enum: OPERATORS }) @IsIn(OPERATORS) operator: Operator;
  /** With `like`, `?` is exactly one character and `*` any run of them; case does not matter anywhere. */
  @ApiProperty({ oneOf: [{ type: 'string', maxLength: LONGEST_TERM }, { type: 'integer' }] })
  @IsTerm()
  term: string | number;
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
  all.forEach(({ field, operator, term }, index) => {
    const at = `/all/${index}`;
    const text = toWellFormedText(String(term));
    if (operator === 'before' || operator === 'after') narrow(search, field, operator, text, at);
    else search.conditions.push(conditionOf(field, operator, text, at));
  });
  return search;
}

function conditionOf(field: SearchField, operator: TextOperator, term: string, at: string): Condition {
  const isExact = EXACT.includes(operator);
  if (NUMBERS.includes(field) && isExact && !/^\d{1,15}$/.test(term))
    throw refused(`${at}/term`, 'must be a whole number', 'isInt');
  if (field === 'receivedAt' && isExact) {
    const ms = readTime(term);
    if (ms === null) throw refused(`${at}/term`, NO_TIME, 'isIso8601');
    return { field, operator, term: new Date(ms).toISOString() };
  }
  return { field, operator, term: NUMBERS.includes(field) && isExact ? String(Number(term)) : term };
}

/** Times need no comparison of texts: event ids sort by the time of receipt. */
function narrow(
  search: EventSearch,
  field: SearchField,
  operator: 'before' | 'after',
  term: string,
  at: string,
): void {
  if (field !== 'receivedAt') {
    const detail = `${operator} compares times; ${field} is none`;
    throw Problem.unprocessable('An operator does not fit its field.', [
      { pointer: `${at}/operator`, detail, rule: 'operator' },
    ]);
  }
  const ms = readTime(term);
  if (ms === null) throw refused(`${at}/term`, NO_TIME, 'isIso8601');
  if (operator === 'before') search.beforeMs = Math.min(search.beforeMs ?? Infinity, ms);
  else search.fromMs = Math.max(search.fromMs ?? 0, ms + 1);
}

/** The event behind which a page goes on. @throws Problem 400 for what no page has given */
export function idOf(cursor: string): string {
  const [id] = decodeCursor(cursor);
  if (!isUuid(id)) throw refused('/cursor', 'must be the nextCursor of an earlier answer', 'cursor');
  return id;
}

const NO_TIME = 'must be an ISO 8601 time, such as 2026-11-21T00:00:00Z';

function refused(pointer: string, detail: string, rule: string): Problem {
  const error: ProblemError = { pointer, detail, rule };
  return Problem.badRequest([error]);
}
