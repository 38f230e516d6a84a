import type { Dialect } from '../calls/classify.js';

const THREADS = /thread threshold|Itgenatr005/i;
const KEYS = /IntegrationCode is invalid|zone information could not be determined/i;
const RIGHTS = /adequate permissions|not have permission/i;
const TRANSIENT = /internal error|unexpected error|timed? ?out|deadlock|try again|temporar|unavailable/i;
/** Names a field, an id or a rule: sending the same again cannot help. */
const PERMANENT =
  /field\s*:|\[\d+\]|exceeds maximum|picklist value|does not exist|is invalid|cannot be|must (?:be|assign)|required|data violation|conversion failed|no matching records|duplicate|not queryable|unable to find/i;

/** Autotask answers 500 with `errors[]` for nearly every refusal, so the texts decide, not the status. */
export function autotaskDialect(scrub: (text: string) => string): Dialect {
  return {
    scrub,
    messagesOf: (body) => {
      const errors =
        typeof body === 'object' && body !== null ? (body as { errors?: unknown }).errors : undefined;
      return Array.isArray(errors) ? errors.map(textOf).filter((text) => text !== '') : [];
    },
    verdict: (status, messages) => {
      const text = messages.join(' ');
      if (THREADS.test(text)) return { outcome: 'retry_after', reason: 'thread_limit' };
      if (status !== 500 || text === '') return null;
      if (KEYS.test(text)) return { outcome: 'credential', reason: 'unauthorized' };
      if (RIGHTS.test(text)) return { outcome: 'definitive', reason: 'forbidden' };
      if (TRANSIENT.test(text)) return null;
      return PERMANENT.test(text) ? { outcome: 'definitive', reason: 'invalid_field' } : null;
    },
  };
}

function textOf(error: unknown): string {
  if (typeof error === 'string') return error;
  const message =
    typeof error === 'object' && error !== null ? (error as { message?: unknown }).message : undefined;
  return typeof message === 'string' ? message : '';
}
