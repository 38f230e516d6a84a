import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';

/** Nest's own messages as lines of the service's logger; its start-up chatter becomes debug. */
export function nestLogger(logger: Logger): LoggerService {
  return {
    log: (message: unknown, ...rest: unknown[]) => logger.debug(fieldsOf(rest), text(message)),
    debug: (message: unknown, ...rest: unknown[]) => logger.debug(fieldsOf(rest), text(message)),
    verbose: (message: unknown, ...rest: unknown[]) => logger.trace(fieldsOf(rest), text(message)),
    warn: (message: unknown, ...rest: unknown[]) => logger.warn(fieldsOf(rest), text(message)),
    error: (message: unknown, ...rest: unknown[]) => logger.error(errorFields(message, rest), text(message)),
    fatal: (message: unknown, ...rest: unknown[]) => logger.fatal(errorFields(message, rest), text(message)),
  };
}

function text(message: unknown): string {
  if (message instanceof Error) return message.message;
  return typeof message === 'string' ? message : JSON.stringify(message);
}

/** Nest passes the context, the class's name, as the last argument. */
function fieldsOf(rest: unknown[]): Record<string, unknown> {
  const context = rest.at(-1);
  return typeof context === 'string' ? { context } : {};
}

function errorFields(message: unknown, rest: unknown[]): Record<string, unknown> {
  const stack = rest.length > 1 && typeof rest[0] === 'string' ? { stack: rest[0] } : {};
  return { ...fieldsOf(rest), ...(message instanceof Error ? { err: message } : stack) };
}
