import { refused } from './autotask.answers.js';
import type { EntityField } from './autotask.entities.js';

export type EntityRecord = Record<string, unknown>;

interface FilterItem {
  op: string;
  field?: string;
  value?: unknown;
  udf?: boolean;
  items?: FilterItem[];
}

const MAX_OR_CONDITIONS = 500;
const OPS = new Set([
  'eq', 'noteq', 'gt', 'gte', 'lt', 'lte', 'beginswith', 'endswith', 'contains', 'exist', 'notexist', 'in', 'notin',
]); // prettier-ignore

export type Predicate = (record: EntityRecord) => boolean;

/** Turns a filter tree into a predicate; the top level is an `and`. @throws Refusal with the vendor's 500. */
export function compileFilter(
  filter: unknown,
  fields: EntityField[],
  userFields: EntityField[] = [],
): Predicate {
  if (!Array.isArray(filter) || filter.length === 0)
    throw refused('The filter is mandatory: give at least one condition.');
  const items = (filter as unknown[]).map((item) => readItem(item, 0));
  if (countOr(items) > MAX_OR_CONDITIONS)
    throw refused(`A query may hold at most ${MAX_OR_CONDITIONS} OR conditions.`);
  const predicates = items.map((item) => compile(item, fields, userFields));
  return (record) => predicates.every((predicate) => predicate(record));
}

/** The value that the field must equal, where the filter says so at its top level. */
export function requiredValue(filter: unknown, field: string): unknown {
  if (!Array.isArray(filter)) return undefined;
  const found = (filter as (Partial<FilterItem> | null)[]).find(
    (item) => item?.op?.toLowerCase?.() === 'eq' && item.field?.toLowerCase?.() === field.toLowerCase(),
  );
  return found?.value;
}

function readItem(input: unknown, depth: number): FilterItem {
  const { op, field, value, items, udf } = (
    typeof input === 'object' && input !== null ? input : {}
  ) as Partial<FilterItem>;
  if (typeof op !== 'string') throw refused('Each filter item needs an op.');
  const name = op.toLowerCase();
  if (name === 'and' || name === 'or') {
    if (!Array.isArray(items) || items.length === 0 || depth > 50)
      throw refused(`The group '${op}' needs items.`);
    return { op: name, items: items.map((item) => readItem(item, depth + 1)) };
  }
  if (!OPS.has(name)) throw refused(`The filter operator '${op}' is not supported.`);
  if (typeof field !== 'string') throw refused('Each filter item needs a field.');
  return { op: name, field, value, udf: udf === true };
}

function countOr(items: FilterItem[]): number {
  return items.reduce(
    (sum, item) => sum + (item.items ? countOr(item.items) + (item.op === 'or' ? item.items.length : 0) : 0),
    0,
  );
}

function compile(item: FilterItem, fields: EntityField[], userFields: EntityField[]): Predicate {
  if (item.items) {
    const predicates = item.items.map((inner) => compile(inner, fields, userFields));
    return item.op === 'and'
      ? (record) => predicates.every((predicate) => predicate(record))
      : (record) => predicates.some((predicate) => predicate(record));
  }
  if (item.udf === true) {
    const predicate = compile({ ...item, udf: false }, userFields, []);
    return (record) => predicate(userValues(record));
  }
  const field = fields.find((candidate) => candidate.name.toLowerCase() === item.field?.toLowerCase());
  if (!field) throw refused(`Unable to find ${item.field ?? ''} in the entity.`);
  if (!field.isQueryable) throw refused(`The field ${field.name} is not queryable.`);
  const { op } = item;
  if (op === 'exist') return (record) => !isBlank(record[field.name]);
  if (op === 'notexist') return (record) => isBlank(record[field.name]);
  if (op === 'in' || op === 'notin') {
    if (!Array.isArray(item.value)) throw refused(`The operator ${op} wants a list of values.`);
    const values = item.value.map((value) => typed(value, field));
    return (record) => values.includes(comparable(record[field.name], field)) === (op === 'in');
  }
  return comparison(op, field, typed(item.value, field));
}

/** The user-defined fields of a record, by name. */
function userValues({ userDefinedFields }: EntityRecord): EntityRecord {
  const rows = Array.isArray(userDefinedFields) ? (userDefinedFields as EntityRecord[]) : [];
  return Object.fromEntries(rows.map(({ name, value }) => [String(name), value]));
}

function comparison(op: string, field: EntityField, wanted: string | number): Predicate {
  const test = (check: (actual: string | number) => boolean): Predicate => {
    return (record) => !isBlank(record[field.name]) && check(comparable(record[field.name], field));
  };
  switch (op) {
    case 'eq':
      return test((actual) => actual === wanted);
    case 'noteq':
      return (record) => comparable(record[field.name], field) !== wanted;
    case 'gt':
      return test((actual) => actual > wanted);
    case 'gte':
      return test((actual) => actual >= wanted);
    case 'lt':
      return test((actual) => actual < wanted);
    case 'lte':
      return test((actual) => actual <= wanted);
    case 'beginswith':
      return test((actual) => String(actual).startsWith(String(wanted)));
    case 'endswith':
      return test((actual) => String(actual).endsWith(String(wanted)));
    default:
      return test((actual) => String(actual).includes(String(wanted)));
  }
}

/** A label sent for a number fails inside the vendor's database. */
function typed(value: unknown, field: EntityField): string | number {
  if (field.dataType === 'boolean') {
    if (typeof value !== 'boolean') throw refused(`The value of ${field.name} must be true or false.`);
    return Number(value);
  }
  if (field.dataType === 'integer' || field.dataType === 'long') {
    const number = typeof value === 'number' ? value : Number(String(value));
    if (!Number.isInteger(number) || value === '' || value === null)
      throw refused(conversionFailed(value, 'int'));
    return number;
  }
  if (field.dataType === 'datetime') {
    const time = Date.parse(String(value));
    if (Number.isNaN(time)) throw refused(conversionFailed(value, 'datetime'));
    return time;
  }
  return textOf(value);
}

function comparable(value: unknown, field: EntityField): string | number {
  if (field.dataType === 'datetime') return Date.parse(String(value));
  if (typeof value === 'number' || typeof value === 'boolean') return Number(value);
  return textOf(value);
}

export function conversionFailed(value: unknown, type: string): string {
  return `Conversion failed when converting the varchar value '${String(value)}' to data type ${type}.`;
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value).toLowerCase() : '';
}

function isBlank(value: unknown): boolean {
  return value === null || value === undefined || value === '';
}
