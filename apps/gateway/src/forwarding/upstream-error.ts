import { Problem } from '@backhaul/http';

const NOT_REACHED = new Set([
  'ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT',
]); // prettier-ignore
const TOO_LATE = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

/** Not reached: 503, and nothing was done. Too late: 504. Broke off: 502; in both it may have been done. */
export function upstreamProblem(upstream: string, error: unknown): Problem {
  const code = codeOf(error);
  if (NOT_REACHED.has(code))
    return Problem.unavailable(5, `The ${upstream} service cannot be reached.`, error);
  if (TOO_LATE.has(code))
    return Problem.gatewayTimeout(`The ${upstream} service did not answer in time.`, error);
  return Problem.badGateway(`The ${upstream} service broke off its answer.`, error);
}

/** The connection ended before an answer began, as when a kept-alive one meets a restart. */
export function isBrokenConnection(error: unknown): boolean {
  return ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(codeOf(error));
}

function codeOf(error: unknown): string {
  const { code, cause } = (error ?? {}) as { code?: unknown; cause?: { code?: unknown } };
  const found = code ?? cause?.code;
  return typeof found === 'string' ? found : '';
}
