import { Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { createLogger } from './logger.js';
import { registry } from './metrics.js';
import { standardOutput } from './standard-output.js';

const NAME = 'backhaul_log_lines_dropped_total';

/** A reader that reads nothing until it is told to. */
function stoppedReader(): { out: Writable; lines: () => string[]; go: () => void } {
  const taken: string[] = [];
  let waiting: (() => void) | null = null;
  let isRead = false;
  const out = new Writable({
    highWaterMark: 10,
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      taken.push(chunk);
      if (isRead) done();
      else waiting = done;
    },
  });
  const go = (): void => {
    isRead = true;
    waiting?.();
  };
  return {
    out,
    lines: () =>
      taken
        .join('')
        .split('\n')
        .filter((line) => line !== ''),
    go,
  };
}

const dropped = async (): Promise<number> =>
  (await registry.getSingleMetric(NAME)?.get())?.values[0]?.value ?? 0;

describe('the log', () => {
  it('that nobody reads drops what is too much and goes on; read again, it says how many lines are missing', async () => {
    const reader = stoppedReader();
    const logger = createLogger({
      service: 'demo',
      level: 'info',
      destination: standardOutput({ service: 'demo', out: reader.out, mostWaitingBytes: 2000 }),
    });
    const before = await dropped();
    for (let n = 0; n < 100; n += 1) logger.info({ n }, 'a line');
    expect(reader.out.writableLength).toBeLessThanOrEqual(2000);
    const missing = (await dropped()) - before;
    expect(missing).toBeGreaterThan(50);

    const drained = new Promise((resolve) => reader.out.once('drain', resolve));
    reader.go();
    await drained;
    logger.info('read again');
    const lines = reader
      .lines()
      .map((line) => JSON.parse(line) as { msg: string; dropped?: number; n?: number });
    expect(lines.filter(({ n }) => n !== undefined)).toHaveLength(100 - missing);
    expect(lines.at(-2)).toMatchObject({ level: 'warn', service: 'demo', dropped: missing });
    expect(lines.at(-1)).toMatchObject({ msg: 'read again' });
  });

  it('whose reader is gone ends nothing', () => {
    const { out } = stoppedReader();
    standardOutput({ service: 'demo', out });
    expect(() => out.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))).not.toThrow();
  });
});
