import type { Dialect } from '../calls/classify.js';

interface ErrorBody {
  message?: unknown;
  errors?: unknown;
}

/** ConnectWise words errors in three shapes: `errors[]`, `errors: null`, and the limiter's `error`. */
export function connectWiseDialect(scrub: (text: string) => string): Dialect {
  return {
    scrub,
    messagesOf: (body) => {
      if (typeof body !== 'object' || body === null) return [];
      const { message, errors } = body as ErrorBody;
      const details = Array.isArray(errors) ? errors.map(detailOf) : [];
      return [message, ...details].filter((text): text is string => typeof text === 'string' && text !== '');
    },
    verdict: (status, messages) => {
      if (status !== 400) return null;
      if (messages.some((message) => /UserNotAuthenticated/i.test(message))) {
        return { outcome: 'credential', reason: 'unauthorized' };
      }
      return { outcome: 'definitive', reason: messages.length > 1 ? 'invalid_field' : 'rejected' };
    },
  };
}

function detailOf(detail: unknown): string | null {
  const { field, message } = (typeof detail === 'object' && detail !== null ? detail : {}) as Record<
    string,
    unknown
  >;
  if (typeof message !== 'string') return null;
  return typeof field === 'string' ? `${field}: ${message}` : message;
}
