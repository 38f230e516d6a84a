import { emptyAnswer, jsonAnswer, type Answer } from '../vendor/answer.js';

/** Carries the vendor's answer out of a deeper function. */
export class Refusal extends Error {
  constructor(readonly answer: Answer) {
    super(`refused with ${answer.status}`);
  }
}

/** Nearly every business failure is a 500 with texts. */
export function errors(...texts: string[]): Answer {
  return jsonAnswer(500, { errors: texts });
}

export function refused(...texts: string[]): Refusal {
  return new Refusal(errors(...texts));
}

/** The same failure, with its texts inside of objects. */
export function withErrorObjects(answer: Answer): Answer {
  const body: unknown = answer.status >= 400 && answer.body.startsWith('{') ? JSON.parse(answer.body) : null;
  const texts = (body as { errors?: unknown } | null)?.errors;
  return Array.isArray(texts)
    ? jsonAnswer(answer.status, { errors: texts.map((message: unknown) => ({ message })) }, answer.headers)
    : answer;
}

export function badKeys(status: 401 | 500): Answer {
  return status === 401 ? emptyAnswer(401) : errors('IntegrationCode is invalid.');
}

export function threadLimit(status: 429 | 500): Answer {
  return jsonAnswer(status, {
    errors: [
      'The API thread threshold of 3 threads has been exceeded for this tracking identifier. (Itgenatr005)',
    ],
  });
}

/** The caller may read alone. */
export function lacksPermission(): Answer {
  return errors(
    'The logged in Resource does not have the adequate permissions to create or update this entity type.',
  );
}

export function tooManyRequests(retryAfter: string | null): Answer {
  const answer = jsonAnswer(429, { errors: ['The request threshold of this database has been exceeded.'] });
  return retryAfter === null
    ? answer
    : { ...answer, headers: { ...answer.headers, 'retry-after': retryAfter } };
}

/** @param text what the vendor gives as the reason; null for nothing that helps */
export function failure(status: number, text: string | null = null): Answer {
  if (text !== null) return jsonAnswer(status, { errors: [text] });
  if (status === 401) return emptyAnswer(401);
  if (status === 500) return errors('An internal error occurred. Please try again.');
  return {
    status,
    headers: { 'content-type': 'text/html' },
    body: `<html><body><h1>${status}</h1></body></html>`,
  };
}
