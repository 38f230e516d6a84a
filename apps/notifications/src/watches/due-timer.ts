import { Logger } from '@nestjs/common';
import type { RaiseDueHandler } from './raise-due.handler.js';

const EVERY_MS = 2000;

/** Looks every two seconds for what has come due; `asked` is told when something was asked for. */
export function startDueTimer(
  handler: Pick<RaiseDueHandler, 'handle'>,
  asked: () => void,
  everyMs = EVERY_MS,
): { stop(): Promise<void> } {
  const logger = new Logger('DueTickets');
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    try {
      while (!isStopped && (await handler.handle()) > 0) asked();
    } catch (error) {
      logger.warn(`tickets that are due wait: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  let looking: Promise<void> = Promise.resolve();
  const again = (): void => {
    timer = setTimeout(() => {
      looking = look().then(() => (isStopped ? undefined : again()));
    }, everyMs);
    timer.unref();
  };
  again();
  return {
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      await looking;
    },
  };
}
