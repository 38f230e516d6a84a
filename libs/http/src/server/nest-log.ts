import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';

/** Nest's few own lines; this lib may not depend on telemetry, so the bridge is spelled out here. */
export function nestLog(logger: Logger): LoggerService {
  const context = (rest: unknown[]): object => ({
    context: rest.at(-1),
    ...(rest.length > 1 ? { stack: rest[0] } : {}),
  });
  return {
    log: (message: unknown, ...rest: unknown[]) => logger.debug(context(rest), String(message)),
    warn: (message: unknown, ...rest: unknown[]) => logger.warn(context(rest), String(message)),
    error: (message: unknown, ...rest: unknown[]) => logger.error(context(rest), String(message)),
    fatal: (message: unknown, ...rest: unknown[]) => logger.fatal(context(rest), String(message)),
  };
}
