import { BadConditions, type Literal } from './condition-tokens.js';
import type { Condition } from './conditions.js';

const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;

export type VendorRecord = Record<string, unknown>;

/**
 * Whether a record fits. Text is compared without regard to case; a field that is absent is null.
 * @throws BadConditions where the literal does not suit the field, or `isKnown` refuses the field.
 */
export function matches(
  condition: Condition,
  record: VendorRecord,
  isKnown: (field: string) => boolean,
): boolean {
  switch (condition.kind) {
    case 'and': {
      const right = matches(condition.right, record, isKnown);
      return matches(condition.left, record, isKnown) && right;
    }
    case 'or': {
      const right = matches(condition.right, record, isKnown);
      return matches(condition.left, record, isKnown) || right;
    }
    case 'not':
      return !matches(condition.inner, record, isKnown);
    case 'compare':
      if (!isKnown(condition.field))
        throw new BadConditions(`no property or field '${condition.field}' exists`);
      return compare(condition, fieldOf(record, condition.field));
  }
}

export function fieldOf(record: VendorRecord, path: string): unknown {
  let value: unknown = record;
  for (const name of path.split('/')) {
    if (typeof value !== 'object' || value === null) return null;
    const entry = Object.entries(value).find(([key]) => key.toLowerCase() === name.toLowerCase());
    value = entry?.[1] ?? null;
  }
  return value;
}

function compare(condition: Extract<Condition, { kind: 'compare' }>, actual: unknown): boolean {
  const { comparison, field, values } = condition;
  if (comparison === 'in') return values.some((value) => order(field, actual, value) === 0);
  const [wanted] = values;
  if (wanted === undefined) return false;
  if (comparison === 'contains' || comparison === 'like') return textMatch(comparison, actual, wanted);
  if (wanted.kind === 'null') {
    if (comparison === '=' || comparison === '!=') return (actual === null) === (comparison === '=');
    throw new BadConditions('null can only be compared with = and !=');
  }
  const difference = order(field, actual, wanted);
  if (difference === null) return comparison === '!=';
  switch (comparison) {
    case '=':
      return difference === 0;
    case '!=':
      return difference !== 0;
    case '<':
      return difference < 0;
    case '<=':
      return difference <= 0;
    case '>':
      return difference > 0;
    case '>=':
      return difference >= 0;
  }
}

/** Below, at or above zero; null where the record has no value. */
function order(field: string, actual: unknown, wanted: Literal): number | null {
  if (wanted.kind === 'null') return actual === null ? 0 : null;
  if (actual === null) return null;
  const isDate = typeof actual === 'string' && DATE_TIME.test(actual);
  if (wanted.kind === 'string' && typeof actual === 'string' && !isDate) {
    return actual.toLowerCase().localeCompare(wanted.value.toLowerCase(), 'en');
  }
  if (wanted.kind === 'number' && typeof actual === 'number') return actual - wanted.value;
  if (wanted.kind === 'boolean' && typeof actual === 'boolean') return Number(actual) - Number(wanted.value);
  if (wanted.kind === 'date' && isDate) return Date.parse(actual) - wanted.value;
  throw new BadConditions(`'${field}' cannot be compared with a ${wanted.kind}`);
}

/** `*` and `%` stand for any text in `like`; `[[]` is a literal bracket. */
function textMatch(comparison: 'contains' | 'like', actual: unknown, wanted: Literal): boolean {
  if (wanted.kind !== 'string') throw new BadConditions(`${comparison} wants a quoted string`);
  if (typeof actual !== 'string') return false;
  const text = actual.toLowerCase();
  const pattern = wanted.value.toLowerCase();
  if (comparison === 'contains') return text.includes(pattern.replaceAll('[[]', '['));
  return wildcard(
    text,
    pattern
      .replaceAll('%', '*')
      .split('*')
      .map((part) => part.replaceAll('[[]', '[')),
  );
}

/** Linear: each part is looked for behind the one before. */
function wildcard(text: string, parts: string[]): boolean {
  const [first = '', ...rest] = parts;
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}

/** The marker that every match must carry, where the condition says so: it spares a walk over all tickets. */
export function requiredText(condition: Condition, field: string): string | null {
  if (condition.kind === 'and')
    return requiredText(condition.left, field) ?? requiredText(condition.right, field);
  if (condition.kind !== 'compare' || condition.comparison !== '=') return null;
  const [value] = condition.values;
  return condition.field.toLowerCase() === field.toLowerCase() && value?.kind === 'string'
    ? value.value
    : null;
}
