import { createHash } from 'node:crypto';
import { Problem } from '../problems/problem.js';

/** A strong ETag, with its quotes, of any JSON value; the order of keys does not matter. */
export function etagOf(value: unknown): string {
  return `"${createHash('sha256').update(stable(value)).digest('base64url').slice(0, 27)}"`;
}

/** Passes when If-Match names `current` (or `*`); throws 428 when absent, 412 when stale. */
export function requireIfMatch(header: string | string[] | undefined, current: string): void {
  const given = Array.isArray(header) ? header.join(',') : header;
  if (given === undefined || given.trim() === '') throw Problem.preconditionRequired();
  const tags = given.split(',').map((tag) => tag.trim());
  if (!tags.includes('*') && !tags.includes(current)) throw Problem.preconditionFailed();
}

function stable(value: unknown): string {
  return (
    JSON.stringify(value, (_key, inner: unknown) => {
      if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
      return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
    }) ?? 'undefined'
  );
}
