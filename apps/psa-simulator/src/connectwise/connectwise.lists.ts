import { jsonAnswer, type Answer } from '../vendor/answer.js';
import type { VendorRequest } from '../vendor/vendor-surface.js';
import { fieldOf, matches, type VendorRecord } from './condition-match.js';
import { parseConditions, type Condition } from './conditions.js';
import { badConditions, Refusal } from './connectwise.answers.js';
import { BadConditions } from './condition-tokens.js';

const DEFAULT_PAGE = 25;
const MAX_PAGE = 1_000;

/** @throws Refusal with the vendor's 400 for conditions that cannot be read. */
export function readConditions(text: string | undefined): Condition | null {
  if (text === undefined || text.trim() === '') return null;
  return refuseBad(() => parseConditions(text));
}

export function selected(
  records: VendorRecord[],
  condition: Condition | null,
  fields: ReadonlySet<string>,
): VendorRecord[] {
  if (condition === null) return records;
  const isKnown = (path: string): boolean => fields.has((path.split('/')[0] ?? '').toLowerCase());
  // Also without records: a wrong condition is refused, not answered with nothing.
  refuseBad(() => matches(condition, {}, isKnown));
  return refuseBad(() => records.filter((record) => matches(condition, record, isKnown)));
}

const CUSTOM_FIELD = new Set(['id', 'caption', 'value']);

/** Those of which one custom field fits, such as `caption="Device" and value="SRV-01"`. */
export function withCustomFields(records: VendorRecord[], text: string | undefined): VendorRecord[] {
  const condition = readConditions(text);
  if (condition === null) return records;
  return records.filter(({ customFields }) => {
    const rows = Array.isArray(customFields) ? (customFields as VendorRecord[]) : [];
    return selected(rows, condition, CUSTOM_FIELD).length > 0;
  });
}

/** One page with its `Link` header, by number or forward-only by id. */
export function pageAnswer(request: VendorRequest, records: VendorRecord[]): Answer {
  const pageSize = wholeNumber(request.query['pageSize'], DEFAULT_PAGE);
  if (pageSize < 1 || pageSize > MAX_PAGE)
    throw new Refusal(serverPage(`pageSize must be from 1 to ${MAX_PAGE}`));
  if (request.headers['pagination-type']?.toLowerCase() === 'forward-only')
    return forwardPage(request, records, pageSize);
  const page = wholeNumber(request.query['page'], 1);
  if (page < 1) throw new Refusal(serverPage('page must be 1 or more'));
  const sorted = ordered(records, request.query['orderBy']);
  const lastPage = Math.max(1, Math.ceil(sorted.length / pageSize));
  const rows = sorted.slice((page - 1) * pageSize, page * pageSize);
  const links = [link(request, 'first', { page: 1 }), link(request, 'last', { page: lastPage })];
  if (page > 1) links.push(link(request, 'prev', { page: page - 1 }));
  if (page < lastPage) links.push(link(request, 'next', { page: page + 1 }));
  return jsonAnswer(200, only(rows, request.query['fields']), { link: links.join(', ') });
}

function forwardPage(request: VendorRequest, records: VendorRecord[], pageSize: number): Answer {
  const after = wholeNumber(request.query['pageId'], 0);
  const rows = ordered(records, 'id asc')
    .filter((record) => Number(record['id']) > after)
    .slice(0, pageSize);
  const lastId = Number(rows.at(-1)?.['id'] ?? after);
  return jsonAnswer(200, only(rows, request.query['fields']), {
    link: link(request, 'next', { pageId: lastId }),
  });
}

function ordered(records: VendorRecord[], orderBy: string | undefined): VendorRecord[] {
  const [field = 'id', direction = 'asc'] = (orderBy ?? 'id asc').trim().split(/\s+/);
  const sign = direction.toLowerCase() === 'desc' ? -1 : 1;
  return records.toSorted((a, b) => sign * compareValues(fieldOf(a, field), fieldOf(b, field)));
}

function compareValues(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return textOf(a).localeCompare(textOf(b), 'en');
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value ?? '') ?? '');
}

function only(records: VendorRecord[], fields: string | undefined): VendorRecord[] {
  if (fields === undefined || fields === '') return records;
  const names = new Set(fields.split(',').map((name) => (name.trim().split('/')[0] ?? '').toLowerCase()));
  return records.map((record) =>
    Object.fromEntries(Object.entries(record).filter(([name]) => names.has(name.toLowerCase()))),
  );
}

function link(request: VendorRequest, rel: string, change: Record<string, number>): string {
  const query = new URLSearchParams({ ...request.query });
  for (const [name, value] of Object.entries(change)) query.set(name, String(value));
  return `<${request.origin}/connectwise${request.path}?${query.toString()}>; rel="${rel}"`;
}

function wholeNumber(text: string | undefined, otherwise: number): number {
  if (text === undefined || text === '') return otherwise;
  return /^\d+$/.test(text) ? Number(text) : 0;
}

function serverPage(message: string): Answer {
  return jsonAnswer(400, { code: 'InvalidObject', message, errors: null });
}

function refuseBad<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof BadConditions) throw new Refusal(badConditions(error.message));
    throw error;
  }
}
