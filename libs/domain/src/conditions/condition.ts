import { readTime } from './read-time.js';
import { folded, matchesText, TEXT_OPERATORS } from './text-match.js';

/** `before` and `after` are for times alone. */
export const OPERATORS = [...TEXT_OPERATORS, 'before', 'after'] as const;
export type Operator = (typeof OPERATORS)[number];

/** What an event is judged by. */
export const CONDITION_FIELDS = [
  'accountNo', 'custId', 'brandId', 'type', 'severity', 'status', 'job', 'hostName', 'message', 'receivedAt',
] as const; // prettier-ignore
export type ConditionField = (typeof CONDITION_FIELDS)[number];

export interface Condition {
  field: ConditionField;
  operator: Operator;
  term: string;
}

export const LONGEST_TERM = 1000;
const NUMBERS: readonly string[] = ['accountNo', 'custId'];
const EXACT: readonly Operator[] = ['equals', 'notEquals'];
const NO_TIME = { of: 'term', detail: 'must be an ISO 8601 time, such as 2026-11-21T00:00:00Z', rule: 'isIso8601' } as const; // prettier-ignore

export const isTerm = (value: unknown): boolean =>
  Number.isSafeInteger(value) || (typeof value === 'string' && value.length <= LONGEST_TERM);

/** Which part of a condition cannot be: a `term` of the wrong shape, or an `operator` that the field has not. */
export interface ConditionRefusal {
  of: 'term' | 'operator';
  detail: string;
  rule: string;
}

/** Why a field cannot be compared so; null if it can. */
export function conditionRefusal(field: string, operator: Operator, term: string): ConditionRefusal | null {
  const isOfTime = operator === 'before' || operator === 'after';
  if (isOfTime && field !== 'receivedAt')
    return { of: 'operator', detail: `${operator} compares times; ${field} is none`, rule: 'operator' };
  const isExact = EXACT.includes(operator);
  if (field === 'receivedAt' && (isOfTime || isExact)) return readTime(term) === null ? NO_TIME : null;
  if (NUMBERS.includes(field) && isExact && !/^\d{1,15}$/.test(term))
    return { of: 'term', detail: 'must be a whole number', rule: 'isInt' };
  return null;
}

/** A term as its field is written: `007` is 7, and any zone is UTC. What was refused stays as it is. */
export function termOf(field: string, operator: Operator, term: string): string {
  if (conditionRefusal(field, operator, term) !== null) return term;
  if (NUMBERS.includes(field) && EXACT.includes(operator)) return String(Number(term));
  const ms = field === 'receivedAt' && !isPart(operator) ? readTime(term) : null;
  return ms === null ? term : new Date(ms).toISOString();
}

const isPart = (operator: Operator): boolean => ['startsWith', 'contains', 'like'].includes(operator);

/** What there is to compare: null is empty, and what is left out is not there at all. */
export class ConditionFacts {
  private readonly foldings = new Map<ConditionField, string>();

  constructor(private readonly values: Partial<Record<ConditionField, string | null>>) {}

  of(field: ConditionField): string | undefined {
    const value = this.values[field];
    return value === undefined ? undefined : (value ?? '');
  }

  /** Once, however many conditions ask for it. */
  foldedOf(field: ConditionField): string {
    const text = this.foldings.get(field) ?? folded(this.of(field) ?? '');
    this.foldings.set(field, text);
    return text;
  }
}

/** Whether all hold. What a field that is not there is compared with never holds, not even that it differs. */
export const meets = (conditions: readonly Condition[], facts: ConditionFacts): boolean =>
  conditions.every((condition) => isMet(condition, facts));

function isMet({ field, operator, term }: Condition, facts: ConditionFacts): boolean {
  const value = facts.of(field);
  if (value === undefined) return false;
  if (operator !== 'before' && operator !== 'after')
    return matchesText(operator, facts.foldedOf(field), folded(term));
  const [at, than] = [readTime(value), readTime(term)];
  if (at === null || than === null) return false;
  return operator === 'before' ? at < than : at > than;
}
