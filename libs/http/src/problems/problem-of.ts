import { HttpException } from '@nestjs/common';
import { Problem } from './problem.js';

interface ErrorLike {
  code?: unknown;
  statusCode?: unknown;
  message?: unknown;
  driverError?: unknown;
  cause?: unknown;
}

/** Out of disk, memory, connections; shutting down; read-only; statement, lock and connection failures. */
const OUTAGE_SQLSTATES = /^(08...|53...|57P0[1-5]|57014|25006|55P03|40001|40P01|58030|XX000)$/;
const OUTAGE_NETWORK =
  /^(ECONNREFUSED|ECONNRESET|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;
const OUTAGE_MESSAGE =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Client has encountered a connection error|Query read timeout|Cannot use a pool after calling end|Driver not Connected)/i;
/** Text or numbers that PostgreSQL cannot store: NUL, lone surrogates, out of range. */
const UNSTORABLE_SQLSTATES = /^(22021|22P05|22003)$/;

/** The one place where an error becomes an HTTP status. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return (
    fastifyProblem(error) ?? httpExceptionProblem(error) ?? databaseProblem(error) ?? Problem.internal(error)
  );
}

const FASTIFY_CODES: Record<string, () => Problem> = {
  FST_ERR_CTP_BODY_TOO_LARGE: () => Problem.tooLarge(),
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () => Problem.unsupportedMediaType(),
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () =>
    Problem.badRequest([], 'The body is not as long as Content-Length says.'),
  FST_ERR_BAD_URL: () => Problem.badRequest([], 'The address cannot be decoded.'),
};

function fastifyProblem(error: unknown): Problem | null {
  const { code, statusCode } = (error ?? {}) as ErrorLike;
  if (typeof code !== 'string' || !code.startsWith('FST_')) return null;
  const known = FASTIFY_CODES[code];
  if (known) return known();
  if (typeof statusCode !== 'number' || statusCode >= 500) return null;
  return statusCode === 414 ? Problem.notFound() : Problem.badRequest([], 'The request cannot be read.');
}

function httpExceptionProblem(error: unknown): Problem | null {
  if (!(error instanceof HttpException)) return null;
  const status = error.getStatus();
  if (status === 404) return Problem.notFound();
  if (status === 401) return Problem.unauthorized();
  if (status === 403) return Problem.forbidden();
  if (status === 413) return Problem.tooLarge();
  if (status === 415) return Problem.unsupportedMediaType();
  if (status === 503) return Problem.unavailable(10, undefined, error);
  if (status >= 400 && status < 500) {
    return new Problem({ status, slug: 'invalid-request', title: 'Invalid request', detail: error.message });
  }
  return null;
}

function databaseProblem(error: unknown): Problem | null {
  for (const each of chain(error)) {
    const code = typeof each.code === 'string' ? each.code : '';
    const message = typeof each.message === 'string' ? each.message : '';
    if (OUTAGE_SQLSTATES.test(code) || OUTAGE_NETWORK.test(code) || OUTAGE_MESSAGE.test(message)) {
      return Problem.unavailable(10, 'The data store cannot be reached; nothing was changed.', error);
    }
    if (UNSTORABLE_SQLSTATES.test(code)) {
      return Problem.badRequest([], 'A text or number in the request cannot be stored.');
    }
  }
  return null;
}

function chain(error: unknown, depth = 0): ErrorLike[] {
  if (typeof error !== 'object' || error === null || depth > 4) return [];
  const like = error as ErrorLike;
  const inner = error instanceof AggregateError ? (error.errors as unknown[]) : [];
  return [like, ...[like.driverError, like.cause, ...inner].flatMap((next) => chain(next, depth + 1))];
}
