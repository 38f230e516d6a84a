import { LONGEST_TERM, type Operator, OPERATORS, toWellFormedText } from '@backhaul/domain';
import { IsTerm, PageQuery } from '@backhaul/http';
import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize, ArrayMinSize, ArrayUnique, IsArray, IsIn, IsOptional, IsString, Length, Matches, ValidateNested,
} from 'class-validator'; // prettier-ignore
import type { ResultRow, SavedSearch, SearchSettings } from './saved-search.js';
import { ALL_COLUMNS, ALL_FIELDS, KINDS, SEARCH_KINDS, type SearchKind } from './search-kinds.js';

const MOST_CONDITIONS = 20;

export class SavedConditionIn {
  /** Each kind has some of these. */
  @ApiProperty({ enum: ALL_FIELDS }) @IsIn(ALL_FIELDS) field: string;
  @ApiProperty({ enum: OPERATORS }) @IsIn(OPERATORS) operator: Operator;
  /** With `like`, `?` is exactly one character and `*` any run of them; case does not matter anywhere. */
  @ApiProperty({ oneOf: [{ type: 'string', maxLength: LONGEST_TERM }, { type: 'integer' }] })
  @IsTerm()
  term: string | number;
}

/** A saved search as it is created or replaced. */
export class SavedSearchIn {
  @IsString() @Length(1, 200) @Matches(/\S/, { message: 'name must not be blank' }) name: string;
  /** Stays as it was made. */
  @ApiProperty({ enum: SEARCH_KINDS }) @IsIn(SEARCH_KINDS) kind: SearchKind;

  /** Conditions that all have to hold; none finds everything of that kind. */
  @ApiProperty({ type: SavedConditionIn, isArray: true, maxItems: MOST_CONDITIONS })
  @IsArray()
  @ArrayMaxSize(MOST_CONDITIONS)
  @ValidateNested({ each: true })
  @Type(() => SavedConditionIn)
  all: SavedConditionIn[];

  /** What a result shows, in this order; all that the kind has where it is left out. */
  @ApiProperty({ enum: ALL_COLUMNS, isArray: true, required: false, nullable: true })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(50)
  @ArrayUnique()
  @IsIn(ALL_COLUMNS, { each: true })
  columns?: string[] | null;
}

const SORTS = ['createdAt', '-createdAt'] as const;

export class SavedSearchesQuery extends PageQuery {
  @ApiProperty({ enum: SEARCH_KINDS, required: false }) @IsOptional() @IsIn(SEARCH_KINDS) kind?: SearchKind;
  @ApiProperty({ enum: SORTS, required: false }) @IsOptional() @IsIn(SORTS) sort?: (typeof SORTS)[number];
}

/** In one order always: by account, its jobs or hosts by id or name; runs newest first. */
export class ResultsQuery extends PageQuery {}

export class SavedSearchOut {
  @ApiProperty({ format: 'uuid' }) id: string;
  @ApiProperty() name: string;
  @ApiProperty({ enum: SEARCH_KINDS }) kind: SearchKind;
  @ApiProperty({ type: SavedConditionIn, isArray: true }) all: SavedConditionIn[];
  @ApiProperty({ type: String, isArray: true }) columns: string[];
  /** Who made it: `account:<no>` or `key:<key id>`. */
  @ApiProperty() createdBy: string;
  @ApiProperty({ format: 'date-time' }) createdAt: string;
  @ApiProperty({ format: 'date-time' }) updatedAt: string;
}

export class SavedSearchesOut {
  @ApiProperty({ type: SavedSearchOut, isArray: true }) items: SavedSearchOut[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
  /** Exact up to 10,000; above that a lower bound. */
  @ApiProperty({ type: Number, required: false }) total?: number;
  @ApiProperty({ type: Boolean, required: false }) totalIsExact?: boolean;
}

const CELL = { oneOf: [{ type: 'string' }, { type: 'number' }], nullable: true };

export class ResultsOut {
  /** In the order in which each item has them. */
  @ApiProperty({ type: String, isArray: true }) columns: string[];
  /** A text, a number or null by column; times in ISO 8601, UTC. */
  @ApiProperty({ type: 'array', items: { type: 'object', additionalProperties: CELL as never } })
  items: ResultRow[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
  /** Exact up to 10,000, or until the time for counting was up. */
  @ApiProperty({ type: Number, required: false }) total?: number;
  @ApiProperty({ type: Boolean, required: false }) totalIsExact?: boolean;
  /** Time was up: it was looked through to here, and the next page goes on from there. */
  @ApiProperty({ type: String, required: false }) searchedTo?: string;
}

export const settingsOf = ({ name, kind, all, columns }: SavedSearchIn): SearchSettings => ({
  name: toWellFormedText(name).trim(),
  kind,
  all: all.map(({ field, operator, term }) => ({
    field,
    operator,
    term: typeof term === 'string' ? toWellFormedText(term) : term,
  })),
  columns: [...(columns ?? KINDS[kind].columns)],
});

export const savedSearchOut = (search: SavedSearch): SavedSearchOut => ({
  id: search.id,
  name: search.name,
  kind: search.kind,
  all: search.all,
  columns: search.columns,
  createdBy: search.createdBy,
  createdAt: search.createdAt.toISOString(),
  updatedAt: search.updatedAt.toISOString(),
});
