import { setTimeout as wait } from 'node:timers/promises';
import { isDataError } from '@backhaul/persistence';
import { Logger } from '@nestjs/common';

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 1000;
const logger = new Logger('Dispatcher');

/**
 * What the PSA answered is worth more than a search after the lease has ended, and a mark that nobody may make is worth
 * more than a lane that waits for its lease. While PostgreSQL is away the write is tried again until `deadline` (of `performance.now()`), when another may own the lane. @throws its last error
 */
export async function recorded<T>(deadline: number, write: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await write();
    } catch (error) {
      const ms = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (tries - 1)) * (0.5 + Math.random() / 2);
      if (isDataError(error) || performance.now() + ms >= deadline) throw error;
      if (tries === 1) logger.warn(`A lane cannot be written to: ${String(error)}; will be tried again`);
      await wait(ms);
    }
  }
}
