import { keepDateNowSteady } from '@backhaul/domain';
import type { Logger } from 'pino';
import { PortInUseError } from './listen.js';

/**
 * Runs a service's entry, and keeps jumps of the machine's clock from the libraries of the process. What goes wrong at the
 * start is one line that says what to do, and exit 1.
 */
export function runMain(start: () => Promise<void>, logger?: Logger): void {
  keepDateNowSteady();
  start().catch((error: unknown) => {
    const message = error instanceof Error ? error.message : String(error);
    if (logger)
      logger.fatal(error instanceof PortInUseError ? { setting: error.setting } : { err: error }, message);
    else process.stderr.write(`${message}\n`);
    process.exit(1);
  });
}
