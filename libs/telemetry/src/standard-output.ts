import type { Writable } from 'node:stream';
import type { DestinationStream } from 'pino';
import { counter } from './metrics.js';

/** Of lines that nobody has read yet. */
const MOST_WAITING_BYTES = 4 * 1024 * 1024;

export interface StandardOutputOptions {
  service: string;
  /** `process.stdout`, unless a test says otherwise. */
  out?: Writable;
  mostWaitingBytes?: number;
}

/**
 * Where the log goes. A line is on its way when `write` returns, as long as somebody reads; when nobody does, lines wait
 * in memory up to a limit, and are dropped and counted beyond it: a log that is stuck must not stop the service.
 */
export function standardOutput({
  service,
  out = process.stdout,
  mostWaitingBytes = MOST_WAITING_BYTES,
}: StandardOutputOptions): DestinationStream {
  const dropped = counter('backhaul_log_lines_dropped_total', 'Lines of the log that nobody read in time.');
  let missing = 0;
  // Who read the log may be gone.
  out.on('error', () => undefined);
  out.on('drain', () => {
    if (missing === 0) return;
    const fields = { level: 'warn', time: new Date().toISOString(), service, dropped: missing };
    missing = 0;
    out.write(`${JSON.stringify({ ...fields, msg: 'lines of the log were dropped: nobody read them' })}\n`);
  });
  return {
    write: (line) => {
      if (out.writableLength + line.length <= mostWaitingBytes) return void out.write(line);
      missing += 1;
      dropped.inc();
    },
  };
}
