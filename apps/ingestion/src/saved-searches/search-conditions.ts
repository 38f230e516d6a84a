import { readTime, toWellFormedText } from '@backhaul/domain';
import { Problem, type ProblemError } from '@backhaul/http';
import { patternOf } from '../events/search-pattern.js';
import { searchOf } from '../events/search.types.js';
import type { SavedCondition, SearchSettings } from './saved-search.js';
import { type FieldType, KINDS } from './search-kinds.js';

/** A text that has to be like a pattern of PostgreSQL, or must not be. */
export interface TextCondition {
  field: string;
  pattern: string;
  isNegated: boolean;
}

/** A time that has to lie beyond another one, milliseconds since 1970. */
export interface TimeCondition {
  field: string;
  ms: number;
  isAfter: boolean;
}

export interface RowConditions {
  texts: TextCondition[];
  times: TimeCondition[];
}

const NO_TIME = 'must be an ISO 8601 time, such as 2026-11-21T00:00:00Z';

/** @throws Problem 400 for what its kind has not, or what is no number or time; 422 for an operator that its field has not */
export function checkSearch(settings: SearchSettings): void {
  const { fields, columns } = KINDS[settings.kind];
  const errors = [
    ...settings.all.flatMap(({ field }, index) =>
      strange(`/all/${index}/field`, 'field', field, Object.keys(fields), settings),
    ),
    ...settings.columns.flatMap((column, index) =>
      strange(`/columns/${index}`, 'column', column, columns, settings),
    ),
  ];
  if (errors.length > 0) throw Problem.badRequest(errors);
  if (settings.kind === 'search-backupjobs') searchOf({ all: settings.all as never });
  else rowConditionsOf(settings);
}

/** The conditions of a search through rows. @throws as `checkSearch` */
export function rowConditionsOf({ kind, all }: Pick<SearchSettings, 'kind' | 'all'>): RowConditions {
  const { fields } = KINDS[kind];
  const found: RowConditions = { texts: [], times: [] };
  all.forEach((condition, index) => addCondition(found, condition, fields[condition.field] ?? 'text', index));
  return found;
}

function addCondition(
  { texts, times }: RowConditions,
  { field, operator, term }: SavedCondition,
  type: FieldType,
  index: number,
): void {
  const pointer = `/all/${index}/term`;
  const text = toWellFormedText(String(term));
  if (operator === 'before' || operator === 'after') {
    if (type !== 'time')
      throw unfit(`/all/${index}/operator`, `${operator} compares times; ${field} is none`);
    times.push({ field, ms: timeOf(text, pointer), isAfter: operator === 'after' });
    return;
  }
  const isExact = operator === 'equals' || operator === 'notEquals';
  const isEmpty = text === '';
  if (isExact && type === 'number' && !isEmpty && !/^\d{1,16}$/.test(text))
    throw Problem.badRequest([{ pointer, detail: 'must be a whole number, or empty', rule: 'isInt' }]);
  const exact = isExact && !isEmpty ? exactText(text, type, pointer) : text;
  texts.push({ field, ...patternOf(operator, exact) });
}

function exactText(text: string, type: FieldType, pointer: string): string {
  if (type === 'number') return String(Number(text));
  return type === 'time' ? new Date(timeOf(text, pointer)).toISOString() : text;
}

function timeOf(text: string, pointer: string): number {
  const ms = readTime(text);
  if (ms === null) throw Problem.badRequest([{ pointer, detail: NO_TIME, rule: 'isIso8601' }]);
  return ms;
}

function strange(
  pointer: string,
  what: string,
  name: string,
  known: readonly string[],
  { kind }: SearchSettings,
): ProblemError[] {
  if (known.includes(name)) return [];
  return [{ pointer, detail: `is no ${what} of ${kind}; it has ${known.join(', ')}`, rule: 'isIn' }];
}

function unfit(pointer: string, detail: string): Problem {
  return Problem.unprocessable('An operator does not fit its field.', [
    { pointer, detail, rule: 'operator' },
  ]);
}
