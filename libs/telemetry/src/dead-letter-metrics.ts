import { gauge } from './metrics.js';

/** Shows what was set aside and waits for a person; `read` is asked each time the metrics are. */
export function deadLetterMetrics(read: () => Promise<{ waiting: number; oldestS: number }>): void {
  gauge(
    'backhaul_dead_letters_waiting',
    'Records that were set aside and wait for a person.',
    [],
    async (self) => self.set((await read()).waiting),
  );
  gauge('backhaul_dead_letters_oldest_seconds', 'Age of the oldest of them.', [], async (self) =>
    self.set((await read()).oldestS),
  );
}
