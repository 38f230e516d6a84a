export interface ProblemError {
  /** RFC 6901 pointer into the body, or `/<name>` of a query or path parameter. */
  pointer: string;
  detail: string;
  /** The rule that refused it, such as `isUuid` or `unknown`. */
  rule: string;
}

interface ProblemFields {
  status: number;
  /** The last part of `type`; a page of the docs. */
  slug: string;
  title: string;
  detail: string;
  errors?: readonly ProblemError[];
  headers?: Record<string, string>;
  cause?: unknown;
}

const TYPE_BASE = '/docs/problems/';

/** An answer that is an error, as RFC 9457 words it. The one error that HTTP code throws on purpose. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  readonly type: string;
  readonly title: string;
  readonly detail: string;
  readonly errors: readonly ProblemError[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(fields: ProblemFields) {
    super(fields.detail, { cause: fields.cause });
    this.status = fields.status;
    this.type = `${TYPE_BASE}${fields.slug}`;
    this.title = fields.title;
    this.detail = fields.detail;
    this.errors = fields.errors ?? [];
    this.headers = fields.headers ?? {};
  }

  /** The body, without instance and requestId, which only the edge knows. */
  body(): { type: string; title: string; status: number; detail: string; errors?: readonly ProblemError[] } {
    const { type, title, status, detail, errors } = this;
    return { type, title, status, detail, ...(errors.length > 0 ? { errors } : {}) };
  }

  static badRequest(
    errors: readonly ProblemError[],
    detail = 'The request is not what this address expects.',
  ): Problem {
    return new Problem({ status: 400, slug: 'invalid-request', title: 'Invalid request', detail, errors });
  }

  static unauthorized(
    detail = 'A valid credential is needed.',
    challenge = 'Bearer realm="backhaul"',
  ): Problem {
    const headers = { 'www-authenticate': challenge };
    return new Problem({ status: 401, slug: 'unauthorized', title: 'Unauthorized', detail, headers });
  }

  static forbidden(detail = 'The credential does not allow this.', slug = 'forbidden'): Problem {
    return new Problem({ status: 403, slug, title: 'Forbidden', detail });
  }

  /** A good credential from the wrong place; which places are right is not told. */
  static wrongAddress(): Problem {
    const detail = 'The credential may not be used from this address.';
    return new Problem({ status: 403, slug: 'address-not-allowed', title: 'Forbidden', detail });
  }

  /** Nothing of a suspended partner's opens anything until an operator restores it. */
  static partnerSuspended(): Problem {
    const detail = 'Your partnership is suspended.';
    return new Problem({ status: 403, slug: 'partner-suspended', title: 'Partnership suspended', detail });
  }

  /** The brand demands a second factor, and the session has shown none. */
  static factorMissing(owed: 'add' | 'prove'): Problem {
    const detail =
      owed === 'add'
        ? 'Your brand demands a second factor: add an authenticator (/api/v1/me/mfa) or a passkey (/api/v1/me/passkeys) first.'
        : 'Your brand demands a second factor: prove yours first, by POST /api/v1/session/step-up with a passkey or a code.';
    return new Problem({
      status: 403,
      slug: 'second-factor-missing',
      title: 'Second factor missing',
      detail,
    });
  }

  /** Also for what exists but belongs to somebody else: the answer must not tell which. */
  static notFound(detail = 'There is nothing at this address.'): Problem {
    return new Problem({ status: 404, slug: 'not-found', title: 'Not found', detail });
  }

  static methodNotAllowed(allowed: readonly string[]): Problem {
    const detail = `This address answers ${allowed.join(', ')}.`;
    const headers = { allow: allowed.join(', ') };
    return new Problem({
      status: 405,
      slug: 'method-not-allowed',
      title: 'Method not allowed',
      detail,
      headers,
    });
  }

  static requestTimeout(detail = 'The request did not come to its end in time.'): Problem {
    return new Problem({ status: 408, slug: 'request-timeout', title: 'Request timeout', detail });
  }

  static conflict(detail: string): Problem {
    return new Problem({ status: 409, slug: 'conflict', title: 'Conflict', detail });
  }

  static gone(detail = 'This was revoked or removed.'): Problem {
    return new Problem({ status: 410, slug: 'gone', title: 'Gone', detail });
  }

  static preconditionFailed(detail = 'It was changed since you read it; read it again.'): Problem {
    return new Problem({ status: 412, slug: 'precondition-failed', title: 'Precondition failed', detail });
  }

  static tooLarge(detail = 'The body is larger than this address accepts.'): Problem {
    return new Problem({ status: 413, slug: 'too-large', title: 'Body too large', detail });
  }

  static unsupportedMediaType(detail = 'Send application/json.'): Problem {
    return new Problem({
      status: 415,
      slug: 'unsupported-media-type',
      title: 'Unsupported media type',
      detail,
    });
  }

  static unprocessable(detail: string, errors: readonly ProblemError[] = []): Problem {
    return new Problem({ status: 422, slug: 'refused', title: 'Refused by a rule', detail, errors });
  }

  static preconditionRequired(detail = 'Send the ETag you read as If-Match.'): Problem {
    return new Problem({
      status: 428,
      slug: 'precondition-required',
      title: 'Precondition required',
      detail,
    });
  }

  static tooMany(retryAfterS: number, detail = 'Too many requests with this credential.'): Problem {
    const headers = retryAfter(retryAfterS);
    return new Problem({
      status: 429,
      slug: 'too-many-requests',
      title: 'Too many requests',
      detail,
      headers,
    });
  }

  static internal(cause: unknown): Problem {
    const detail = 'Something went wrong here; the requestId finds it in our logs.';
    return new Problem({ status: 500, slug: 'internal', title: 'Internal error', detail, cause });
  }

  static badGateway(detail: string, cause?: unknown): Problem {
    return new Problem({
      status: 502,
      slug: 'bad-gateway',
      title: 'Bad gateway',
      detail,
      headers: retryAfter(2),
      cause,
    });
  }

  static unavailable(retryAfterS: number, detail = 'Not available right now.', cause?: unknown): Problem {
    const headers = retryAfter(retryAfterS);
    return new Problem({
      status: 503,
      slug: 'unavailable',
      title: 'Service unavailable',
      detail,
      headers,
      cause,
    });
  }

  /** Not for want of a service, but of a place in its queue. */
  static tooBusy(retryAfterS: number, detail: string): Problem {
    const headers = retryAfter(retryAfterS);
    return new Problem({ status: 503, slug: 'too-busy', title: 'Too busy', detail, headers });
  }

  static gatewayTimeout(detail: string, cause?: unknown): Problem {
    const headers = retryAfter(5);
    return new Problem({
      status: 504,
      slug: 'gateway-timeout',
      title: 'Gateway timeout',
      detail,
      headers,
      cause,
    });
  }
}

/** Whole seconds with ±20 % jitter, so that clients sent away together do not return together. */
function retryAfter(seconds: number): Record<string, string> {
  return { 'retry-after': String(Math.max(1, Math.round(seconds * (0.8 + Math.random() * 0.4)))) };
}
