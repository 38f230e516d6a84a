import { describe, expect, test } from '@jest/globals';
import { createLogger } from './logger.js';
import { nestLogger } from './nest-logger.js';

const KEY = 'bkp_live_AbCdEfGhIjKl_0123456789abcdefghijABCDEFGHIJKL012345';

function logOf(write: (logger: ReturnType<typeof createLogger>) => void, level = 'info'): string[] {
  const lines: string[] = [];
  write(
    createLogger({ service: 'demo', level, destination: { write: (line: string) => void lines.push(line) } }),
  );
  return lines;
}

describe('a line', () => {
  test('is one JSON object with time, level, service and fields', () => {
    const [line = ''] = logOf((log) => log.info({ accountNo: 80202028 }, 'ticket opened'));
    const { time, ...rest } = JSON.parse(line) as Record<string, unknown>;
    expect(rest).toEqual({ level: 'info', service: 'demo', accountNo: 80202028, msg: 'ticket opened' });
    expect(String(time)).toMatch(/^\d{4}-\d{2}-\d{2}T.*Z$/);
  });

  test.each<[string, (log: ReturnType<typeof createLogger>) => void]>([
    ['in the message', (log) => log.info(`used ${KEY}`)],
    ['in a field', (log) => log.info({ some: { deep: [KEY] } }, 'x')],
    ['in a child binding', (log) => log.child({ caller: KEY }).info('x')],
    ['in an error', (log) => log.error({ err: new Error(`no ${KEY}`, { cause: new Error(KEY) }) }, 'x')],
    ['in an ingest path', (log) => log.info({ req: { url: `/ingest/duplicati/${KEY}?x=1` } }, 'x')],
    ['in a bearer header', (log) => log.info(`authorization: Bearer ${KEY}`)],
  ])('hides a key %s', (_, write) => {
    const lines = logOf(write);
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain('0123456789abcdef');
    expect(lines[0]).toContain('[redacted]');
    expect(() => void JSON.parse(lines[0] ?? '')).not.toThrow();
  });

  test.each([
    ['/ingest/restic/anyKeyAtAll123', '/ingest/restic/[redacted]'],
    ['/ping/anyKeyAtAll123/start', '/ping/[redacted]/start'],
    ['POST /ping/k?rid=1', 'POST /ping/[redacted]?rid=1'],
  ])('masks %s', (given, expected) => {
    expect((JSON.parse(logOf((log) => log.info(given))[0] ?? '') as { msg: string }).msg).toBe(expected);
  });

  test.each([
    ['privateKey', { endpoint: { privateKey: 'CANARY' } }],
    ['a quoted secret', { a: { b: { c: { d: { clientSecret: 'CAN"ARY CANARY' } } } } }],
    ['headers', { headers: { anything: 'CANARY' } }],
    ['a body', { request: { body: { x: 'CANARY' } } }],
    ['a database password', { url: 'postgres://user:CANARY@host:5432/db' }],
  ])('hides %s at any depth', (_, fields) => {
    const [line = ''] = logOf((log) => log.info(fields, 'x'));
    expect(line).not.toContain('CANARY');
    expect(() => void JSON.parse(line)).not.toThrow();
  });

  test('shows of an error only its own words, not what a driver hung on it', () => {
    const error = Object.assign(new Error('refused'), {
      code: '23505',
      detail: 'CANARY',
      config: { auth: 'CANARY' },
    });
    const [line = ''] = logOf((log) => log.error({ err: error }, 'x'));
    expect(JSON.parse(line)).toMatchObject({ err: { type: 'Error', message: 'refused', code: '23505' } });
    expect(line).not.toContain('CANARY');
  });

  test('stays one line, and no control character reaches a terminal', () => {
    const controls = ['\n', '\r', '\u001b[31m', '\u009b31m', '\u2028', '\u007f', '\u0000'];
    const lines = logOf((log) => log.info(`user ${controls.join('x')} end`));
    expect(lines).toHaveLength(1);
    const isControl = (c: string): boolean =>
      c < ' ' || (c >= '\u007f' && c <= '\u009f') || c === '\u2028' || c === '\u2029';
    expect([...(lines[0]?.trimEnd() ?? '')].filter(isControl)).toEqual([]);
    expect((JSON.parse(lines[0] ?? '') as { msg: string }).msg).toBe(`user ${controls.join('x')} end`);
  });
});

test("Nest's chatter is debug, its errors keep stack and context", () => {
  const lines = logOf((log) => {
    const nest = nestLogger(log);
    nest.log('Mapped {/x, GET}', 'RouterExplorer');
    nest.error('broke', 'at here', 'Relay');
    nest.warn('slow', 'Relay');
  });
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
    { level: 'error', msg: 'broke', stack: 'at here', context: 'Relay' },
    { level: 'warn', msg: 'slow', context: 'Relay' },
  ]);
});
