import { PROVIDERS, type Provider } from '../tickets/ticket.js';

export const FAULT_KINDS = [
  'down', 'hang', 'drop_reply', 'truncate', 'html_200', 'no_id', 'status', 'search_lag', 'rate_limit', 'empty_200',
  'rate_limit_page', 'redirect', 'gzip_bomb', 'huge_body', 'many_headers', 'endless',
] as const; // prettier-ignore
export type FaultKind = (typeof FAULT_KINDS)[number];

export const OPERATIONS = [
  'create', 'get', 'search', 'note', 'notes', 'close', 'reopen', 'update', 'delete', 'merge', 'lookup', 'info',
] as const; // prettier-ignore
export type Operation = (typeof OPERATIONS)[number];

export interface Fault {
  id: number;
  /** Null is both PSAs. */
  provider: Provider | null;
  /** Null is every operation. */
  match: Operation | null;
  kind: FaultKind;
  /** With `status`: what is answered, 500 by default; with `redirect` 302. */
  status: number;
  /** With `status`: the reason that the vendor gives; null for one that says nothing. */
  text: string | null;
  /** With `rate_limit`, `rate_limit_page` (in its text, with no header) or `status`: the header as given, seconds or a date; null sends none. */
  retryAfter: string | null;
  /** With `redirect`: where to. */
  location: string | null;
  /** How often it still strikes; null is for ever. */
  times: number | null;
  /** With `hang`: milliseconds until the answer comes after all (null never); with `search_lag`: how long a ticket stays unseen. */
  delayMs: number | null;
  /** Share of requests that it strikes, by a generator that starts from `seed`. */
  rate: number;
  seed: number;
  /** Whether the PSA had done the work when it failed. */
  when: 'before' | 'after';
}

export class BadFault extends Error {}

/** Reads what an operator posted. @throws BadFault saying what is wrong. */
export function parseFault(input: unknown, id: number): Fault {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    throw new BadFault('a fault is an object');
  const fields = input as Record<string, unknown>;
  const kind = oneOf(fields['kind'], FAULT_KINDS, 'kind');
  if (kind === null) throw new BadFault(`kind: one of ${FAULT_KINDS.join(', ')}`);
  const provider = fields['provider'] === 'all' ? null : oneOf(fields['provider'], PROVIDERS, 'provider');
  return {
    id,
    provider,
    match: oneOf(fields['match'], OPERATIONS, 'match'),
    kind,
    status: wholeNumber(fields['status'], 'status', 200, 599) ?? (kind === 'redirect' ? 302 : 500),
    text: reasonText(fields['text']),
    retryAfter: headerText(fields['retryAfter'], 'retryAfter: seconds or a date'),
    location: headerText(fields['location'], 'location: a URL'),
    times: wholeNumber(fields['times'], 'times', 1, 1e9),
    delayMs: wholeNumber(fields['delayMs'], 'delayMs', 0, 86_400_000),
    rate: share(fields['rate']),
    seed: wholeNumber(fields['seed'], 'seed', 0, 2 ** 32 - 1) ?? 1,
    when:
      oneOf(fields['when'], ['before', 'after'] as const, 'when') ?? (kind === 'status' ? 'before' : 'after'),
  };
}

function oneOf<T extends string>(value: unknown, allowed: readonly T[], name: string): T | null {
  if (value === undefined || value === null) return null;
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw new BadFault(`${name}: one of ${allowed.join(', ')}`);
  return found;
}

function wholeNumber(value: unknown, name: string, min: number, max: number): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < min || value > max) {
    throw new BadFault(`${name}: a whole number from ${min} to ${max}`);
  }
  return value;
}

function reasonText(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string' || value.length > 1_000) throw new BadFault('text: at most 1,000 characters');
  return value;
}

function headerText(value: unknown, complaint: string): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string' || /[^\x20-\x7e]/.test(value)) throw new BadFault(complaint);
  return value;
}

function share(value: unknown): number {
  if (value === undefined || value === null) return 1;
  if (typeof value !== 'number' || !(value > 0 && value <= 1)) throw new BadFault('rate: above 0, at most 1');
  return value;
}
