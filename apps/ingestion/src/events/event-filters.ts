import {
  EVENT_TYPES, type EventType, LONGEST_TERM, SEVERITIES, type Severity, toWellFormedText,
} from '@backhaul/domain'; // prettier-ignore
import { Omittable } from '@backhaul/http';
import { IsIn, IsInt, IsISO8601, IsString, MaxLength, Min, MinLength } from 'class-validator';
import type { Condition, EventSearch } from './event-search.js';

/** Which events of an account's log are meant. */
export class AccountEventFilters {
  @Omittable() @IsIn(EVENT_TYPES) type?: EventType;
  @Omittable() @IsIn(SEVERITIES) severity?: Severity;
  /** Received at this time or later. */
  @Omittable() @IsISO8601({ strict: true }) from?: string;
  /** Received before this time. */
  @Omittable() @IsISO8601({ strict: true }) to?: string;
  /** Words in the account, customer, type, status, host, job or message; `*` and `?` are wildcards. */
  @Omittable() @IsString() @MinLength(1) @MaxLength(LONGEST_TERM) q?: string;
}

/** Which events of the log are meant. */
export class EventFilters extends AccountEventFilters {
  @Omittable() @IsInt() @Min(1) accountNo?: number;
  @Omittable() @IsInt() @Min(1) custId?: number;
}

/** The filters as conditions of a search. */
export function searchOfFilters({ q, from, to, ...fields }: EventFilters): EventSearch {
  const { accountNo, custId, type, severity } = fields;
  const conditions = Object.entries({ accountNo, custId, type, severity }).flatMap(([field, term]) =>
    term === undefined
      ? []
      : [{ field: field as Condition['field'], operator: 'equals' as const, term: String(term) }],
  );
  return {
    conditions,
    quick: q === undefined ? undefined : toWellFormedText(q),
    fromMs: from === undefined ? undefined : Date.parse(from),
    beforeMs: to === undefined ? undefined : Date.parse(to),
  };
}
