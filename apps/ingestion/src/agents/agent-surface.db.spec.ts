import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '@backhaul/testing';
import { ACCOUNT_NO, CUST_ID, Running } from '../testing/running.js';

jest.setTimeout(60_000);

interface LogRow {
  type: string;
  severity: string;
  raw: Buffer;
  body: string;
  account_no: string | null;
}

let running: Running;
let generic: { id: string; key: string };
const report = (run: string, more: object = {}): string =>
  JSON.stringify({ outcome: { status: 'failed' }, job: { nativeRunId: run, jobName: 'Nightly' }, ...more });

async function newest(): Promise<LogRow> {
  const [row] = await running.query<LogRow>('SELECT * FROM event ORDER BY event_id DESC LIMIT 1');
  if (!row) throw new Error('The log is empty');
  return row;
}

async function expectOk(response: Response): Promise<void> {
  expect(response.status).toBe(200);
  expect(await response.text()).toBe('{}');
}

beforeAll(async () => {
  running = await Running.start();
  generic = await running.endpoint('generic');
});
afterAll(() => running.close());

describe('a report at its address', () => {
  it('is in the log when the answer, exactly 200 {}, arrives', async () => {
    await expectOk(await running.post(`/ingest/generic/${generic.key}`, report('r-1')));
    expect(await newest()).toMatchObject({
      type: 'backup.failed',
      severity: 'ERROR',
      account_no: String(ACCOUNT_NO),
    });
  });

  it('may come with its key in a header', async () => {
    const body = report('r-header');
    await expectOk(await running.post('/ingest/generic', body, { authorization: `Bearer ${generic.key}` }));
    await expectOk(await running.post('/ingest/generic', report('r-h2'), { 'x-api-key': generic.key }));
  });

  it('is one event however often it comes, and counts its replays (N10)', async () => {
    const before = await running.countEvents();
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => running.post(`/ingest/generic/${generic.key}`, report('r-race'))),
    );
    for (const answer of answers) await expectOk(answer);
    expect(await running.countEvents()).toBe(before + 1);
    const rows = await running.query<{ replays: number }>('SELECT replays FROM event_replay');
    expect(rows.map(({ replays }) => replays)).toContain(49);
  });

  it('is taken as gzip, and a bomb is refused with 413', async () => {
    const headers = { 'content-encoding': 'gzip' };
    await expectOk(await running.post(`/ingest/generic/${generic.key}`, gzipSync(report('r-zip')), headers));
    expect((await newest()).raw.toString()).toBe(report('r-zip'));
    const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024, 0x20));
    expect((await running.post(`/ingest/generic/${generic.key}`, bomb, headers)).status).toBe(413);
    const large = Buffer.alloc(2 * 1024 * 1024 + 1, 0x20);
    expect((await running.post(`/ingest/generic/${generic.key}`, large)).status).toBe(413);
  });

  it.each([
    ['truncated JSON', Buffer.from('{"outcome":{"sta')],
    ['no JSON', Buffer.from('<html>oops</html>')],
    ['nothing', Buffer.alloc(0)],
    ['invalid UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x00, 0x7d, 0xc3, 0x28])],
    ['NUL bytes', Buffer.from('\0\0\0')],
    ['very deep JSON', Buffer.from('['.repeat(100_000))],
  ])('that is %s is kept to the byte, with a warning, and answered 200', async (_name, bytes) => {
    const headers = { 'content-type': 'what/ever; =;;' };
    await expectOk(await running.post(`/ingest/generic/${generic.key}`, bytes, headers));
    const row = await newest();
    expect(row).toMatchObject({ type: 'result.unreadable', severity: 'WARNING' });
    expect(row.raw.equals(bytes)).toBe(true);
  });

  it('that lies about gzip is kept as it came', async () => {
    const headers = { 'content-encoding': 'gzip' };
    await expectOk(await running.post(`/ingest/generic/${generic.key}`, 'not gzip', headers));
    expect(await newest()).toMatchObject({ type: 'result.unreadable' });
  });

  it.each([
    ['NUL and lone surrogates', '{"outcome":{"status":"failed","message":"a\\u0000b\\udce9c"}}'],
    ['duplicate keys', '{"outcome":{"status":"failed"},"outcome":{"status":"failed"},"dup":1}'],
    [
      '__proto__',
      '{"outcome":{"status":"failed"},"__proto__":{"polluted":true},"constructor":{"prototype":{}}}',
    ],
    ['negative counts', '{"outcome":{"status":"failed"},"counts":{"filesNew":-3},"bytes":{"new":-1}}'],
    ['an unknown status', '{"outcome":{"status":"exploded"}}'],
    ['a number too large', '{"outcome":{"status":"failed"},"bytes":{"new":1e400}}'],
  ])('with %s is stored with its bytes, and its log can be read', async (_name, body) => {
    await expectOk(await running.post(`/ingest/generic/${generic.key}`, body));
    const row = await newest();
    expect(row.raw.toString()).toBe(body);
    const event = JSON.parse(row.body) as { eventId: string };
    const shown = await running.api('GET', `/events/${event.eventId}`);
    expect(shown.status).toBe(200);
    expect(row.body).not.toMatch(/\\u0000|\\udce9/);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('with a time far off is stored, flagged, and moves no watermark (N13)', async () => {
    const timing = { endedAt: '2099-01-01T00:00:00Z' };
    await expectOk(await running.post(`/ingest/generic/${generic.key}`, report('r-future', { timing })));
    const [row] = await running.query<{ is_conclusive: boolean; body: string }>(
      'SELECT is_conclusive, body FROM event ORDER BY event_id DESC LIMIT 1',
    );
    expect(row?.is_conclusive).toBe(false);
    expect((JSON.parse(row?.body ?? '{}') as { flags: string[] }).flags).toContain('time_in_future');
  });

  it('is tested by GET and HEAD without an event', async () => {
    const before = await running.countEvents();
    for (const method of ['GET', 'HEAD'])
      expect((await fetch(`${running.url}/ingest/generic/${generic.key}`, { method })).status).toBe(200);
    expect(await running.countEvents()).toBe(before);
  });
});

describe('a key', () => {
  it('that is wrong is 404, of another agent 422, revoked 410 within two seconds', async () => {
    expect((await running.post('/ingest/generic/bke_wrong', report('x'))).status).toBe(404);
    expect((await running.post(`/ingest/nobody/${generic.key}`, report('x'))).status).toBe(404);
    expect((await running.post(`/ingest/restic/${generic.key}`, report('x'))).status).toBe(422);
    expect((await running.post('/ingest/generic', report('x'))).status).toBe(401);
    const { id, key } = await running.endpoint('generic');
    await expectOk(await running.post(`/ingest/generic/${key}`, report('before')));
    expect((await running.api('DELETE', `/endpoints/${id}`)).status).toBe(204);
    const gone = await eventually(
      async () => {
        const { status } = await running.post(`/ingest/generic/${key}`, report('after'));
        return status === 410 && status;
      },
      { timeoutMs: 2000 },
    );
    expect(gone).toBe(410);
  });

  it('stands in no log line and in no answer to a report', async () => {
    const answer = await running.post(`/ingest/restic/${generic.key}`, report('x'));
    expect(await answer.text()).not.toContain(generic.key);
    expect(running.logs.join('')).not.toContain(generic.key);
  });

  it('is replaced by rotation: the old one is 410, the new one works', async () => {
    const old = await running.endpoint('generic');
    const made = (await (await running.api('POST', `/endpoints/${old.id}/rotate`)).json()) as { key: string };
    await expectOk(await running.post(`/ingest/generic/${made.key}`, report('rotated')));
    expect((await running.post(`/ingest/generic/${old.key}`, report('rotated'))).status).toBe(410);
  });
});

describe('a ping', () => {
  it.each([
    ['', 'backup.completed'],
    ['/0', 'backup.completed'],
    ['/1', 'backup.failed'],
    ['/130', 'backup.cancelled'],
    ['/fail', 'backup.failed'],
    ['/start', 'backup.started'],
    ['/log', 'backup.started'],
  ])('at /ping/{key}%s is %s, by POST and by GET (N12)', async (path, type) => {
    await expectOk(await running.post(`/ping/${generic.key}${path}`, 'it says so'));
    expect(await newest()).toMatchObject({ type });
    await expectOk(await fetch(`${running.url}/ping/${generic.key}${path}`));
    expect(await newest()).toMatchObject({ type });
  });

  it('is an event each time, unless a rid or an Idempotency-Key makes two of them one (N9)', async () => {
    const before = await running.countEvents();
    for (let i = 0; i < 2; i += 1) await expectOk(await running.post(`/ping/${generic.key}`, 'same'));
    expect(await running.countEvents()).toBe(before + 2);
    for (let i = 0; i < 2; i += 1) await expectOk(await running.post(`/ping/${generic.key}?rid=7`, 'same'));
    expect(await running.countEvents()).toBe(before + 3);
    const headers = { 'idempotency-key': 'seven' };
    for (let i = 0; i < 2; i += 1)
      await expectOk(await running.post(`/ping/${generic.key}`, 'same', headers));
    expect(await running.countEvents()).toBe(before + 4);
  });

  it('that ends a run is an event also when its start had the same rid', async () => {
    await expectOk(await running.post(`/ping/${generic.key}/start?rid=run`, ''));
    await expectOk(await running.post(`/ping/${generic.key}/fail?rid=run`, ''));
    expect(await newest()).toMatchObject({ type: 'backup.failed' });
  });

  it('with an unknown last part is 404', async () => {
    expect((await running.post(`/ping/${generic.key}/nonsense`, '')).status).toBe(404);
    expect((await running.post(`/ping/${generic.key}/256`, '')).status).toBe(404);
  });
});

describe('a result whose account is not known', () => {
  it('waits, is assigned, is remembered, and can be discarded', async () => {
    const { key } = await running.endpoint('generic', { custId: CUST_ID });
    const body = (host: string, run: string): string => report(run, { identity: { hostName: host } });
    await expectOk(await running.post(`/ingest/generic/${key}`, body('acme-srv01', 'm-1')));
    expect((await newest()).account_no).toBe(String(ACCOUNT_NO + 1));
    await expectOk(await running.post(`/ingest/generic/${key}`, body('STRANGER', 'm-2')));
    const waiting = (await (await running.api('GET', '/unassigned-results')).json()) as {
      items: { id: string }[];
    };
    const id = waiting.items[0]?.id ?? '';
    const foreign = '01890000-0000-7000-8000-000000000000' as typeof running.partnerId;
    expect(
      (await running.api('POST', `/unassigned-results/${id}/assign`, { accountNo: ACCOUNT_NO }, foreign))
        .status,
    ).toBe(404);
    const assigned = await running.api('POST', `/unassigned-results/${id}/assign`, {
      accountNo: ACCOUNT_NO,
      remember: true,
    });
    expect(assigned.status).toBe(200);
    expect((await newest()).account_no).toBe(String(ACCOUNT_NO));
    await expectOk(await running.post(`/ingest/generic/${key}`, body('stranger', 'm-3')));
    expect((await newest()).account_no).toBe(String(ACCOUNT_NO));
    await expectOk(await running.post(`/ingest/generic/${key}`, body('OTHER', 'm-4')));
    const [other] = ((await (await running.api('GET', '/unassigned-results')).json()) as typeof waiting)
      .items;
    expect((await running.api('POST', `/unassigned-results/${other?.id}/discard`)).status).toBe(204);
    const left = (await (await running.api('GET', '/unassigned-results')).json()) as typeof waiting;
    expect(left.items).toEqual([]);
  });
});
