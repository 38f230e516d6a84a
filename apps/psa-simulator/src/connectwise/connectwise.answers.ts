import { jsonAnswer, type Answer } from '../vendor/answer.js';

interface FieldError {
  code: string;
  message: string;
  resource: string;
  field: string;
}

/** Carries the vendor's answer out of a deeper function. */
export class Refusal extends Error {
  constructor(readonly answer: Answer) {
    super(`refused with ${answer.status}`);
  }
}

export function invalidObject(entity: string, errors: FieldError[]): Refusal {
  const body = { code: 'InvalidObject', message: `${entity} object is invalid`, errors };
  return new Refusal(jsonAnswer(400, body));
}

export function fieldError(code: string, message: string, resource: string, field: string): FieldError {
  return { code, message, resource, field };
}

export function missingField(entity: string, field: string): FieldError {
  return fieldError('MissingRequiredField', `The ${field} field is required.`, entity, field);
}

export function tooLong(entity: string, field: string, max: number): FieldError {
  return fieldError(
    'MaxLengthField',
    `The field ${field} must be a string with a maximum length of ${max}.`,
    entity,
    field,
  );
}

export function notFound(what: string): Answer {
  return jsonAnswer(404, { code: 'NotFound', message: `${what} not found`, errors: null });
}

export function badConditions(detail: string): Answer {
  const rules =
    'String literals are quoted, datetime literals stand in [brackets], numbers are plain, booleans are True or False, and null is null';
  const message = `Expected a boolean expression: ${detail}. ${rules}.`;
  return jsonAnswer(400, { code: 'InvalidObject', message, errors: null });
}

/** The limiter in front of the API words it differently from the API itself. */
export function tooManyRequests(retryAfter: string | null): Answer {
  const wait = retryAfter === null ? 'later' : `in ${retryAfter} seconds`;
  const body = { error: 'ConnectWiseAPI', message: `Too many requests. Please try again ${wait}.` };
  return jsonAnswer(429, body, retryAfter === null ? {} : { 'retry-after': retryAfter });
}

/** @param text what the vendor gives as the reason; null for nothing that helps */
export function serverFailure(status: number, text: string | null = null): Answer {
  if (text === null && status === 401) return unauthorized();
  if (text === null && status === 404) return notFound('Resource');
  const code = status === 403 ? 'Security' : 'ConnectWiseApi';
  return jsonAnswer(status, { code, message: text ?? 'The request could not be carried out.', errors: null });
}

/** @param code some stacks word it in another way */
export function unauthorized(code: 'Unauthorized' | 'ConnectWiseApi' = 'Unauthorized'): Answer {
  const message = code === 'Unauthorized' ? 'You must authenticate to use this API.' : 'UserNotAuthenticated';
  return jsonAnswer(401, { code, message, errors: null });
}

/** The caller's security role does not reach so far. */
export function lacksPermission(): Answer {
  const message = 'The member lacks the permission for this request.';
  return jsonAnswer(403, { code: 'Security', message, errors: null });
}

/** What the server in front of the API says of an address that is too long for it. */
export function addressTooLong(): Answer {
  const body = '<html><body><h2>HTTP Error 414</h2><p>The request URL is too long.</p></body></html>';
  return { status: 414, headers: { 'content-type': 'text/html' }, body };
}
