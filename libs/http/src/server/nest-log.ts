import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';

/** Nest's own lines and those of its `Logger`, texts or fields with `msg`; this lib may not depend on telemetry, so the bridge is spelled out here. */
export function nestLog(logger: Logger): LoggerService {
  const context = (rest: unknown[]): object => ({
    context: rest.at(-1),
    ...(rest.length > 1 ? { stack: rest[0] } : {}),
  });
  const line = (message: unknown, rest: unknown[]): [fields: object, text: string] => {
    if (typeof message !== 'object' || message === null) return [context(rest), String(message)];
    if (message instanceof Error) return [{ ...context(rest), err: message }, message.message];
    const { msg = '', ...fields } = message as { msg?: string };
    return [{ ...fields, ...context(rest) }, msg];
  };
  return {
    log: (message: unknown, ...rest: unknown[]) => logger.debug(...line(message, rest)),
    warn: (message: unknown, ...rest: unknown[]) => logger.warn(...line(message, rest)),
    error: (message: unknown, ...rest: unknown[]) => logger.error(...line(message, rest)),
    fatal: (message: unknown, ...rest: unknown[]) => logger.fatal(...line(message, rest)),
  };
}
