import { type DestinationStream, type Logger, pino } from 'pino';
import { scrubLine, scrubText } from './scrub.js';
import { standardOutput } from './standard-output.js';

export interface LoggerOptions {
  /** The service's name; a field of every line. */
  service: string;
  /** `trace` `debug` `info` `warn` `error` `fatal` `silent`. */
  level: string;
  /** Where lines go; standard output unless a test says otherwise. */
  destination?: DestinationStream;
}

/**
 * One JSON line per entry. Objects named `err`, `req` and `res` pass allow-lists; everything else passes
 * a net that removes keys and secrets, so a slip in a caller does not become a leak.
 */
export function createLogger(options: LoggerOptions): Logger {
  const settings = {
    level: options.level,
    base: { service: options.service },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: describeError, error: describeError, req: describeRequest, res: describeResponse },
    redact: { paths: REDACTED_PATHS, censor: '[redacted]' },
    hooks: { streamWrite: scrubLine },
  };
  return pino(settings, options.destination ?? standardOutput(options));
}

const SECRET_NAMES = ['password', 'secret', 'secrets', 'headers', 'body', 'payload', 'credentials', 'sealed'];
const REDACTED_PATHS = SECRET_NAMES.flatMap((name) => [name, `*.${name}`]);

interface ErrorFields {
  type: string;
  message: string;
  stack?: string;
  code?: string;
  reason?: string;
  cause?: ErrorFields;
}

/** Type, message, stack, code, reason and cause; never what a driver or HTTP client hangs on an error. */
export function describeError(value: unknown, depth = 0): ErrorFields {
  if (!(value instanceof Error)) return { type: typeof value, message: scrubText(String(value)) };
  const extra = value as Error & { code?: unknown; reason?: unknown };
  return {
    type: value.constructor.name,
    message: scrubText(value.message),
    ...(value.stack ? { stack: scrubText(value.stack) } : {}),
    ...(typeof extra.code === 'string' ? { code: extra.code } : {}),
    ...(typeof extra.reason === 'string' ? { reason: extra.reason } : {}),
    ...(value.cause !== undefined && depth < 4 ? { cause: describeError(value.cause, depth + 1) } : {}),
  };
}

function describeRequest(value: unknown): Record<string, unknown> {
  const request = value as { id?: unknown; method?: unknown; url?: unknown };
  return {
    id: request.id,
    method: request.method,
    url: scrubText(typeof request.url === 'string' ? request.url : ''),
  };
}

function describeResponse(value: unknown): Record<string, unknown> {
  return { statusCode: (value as { statusCode?: unknown }).statusCode };
}
