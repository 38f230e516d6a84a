import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { AHSAY_FIXTURES } from '../adapters/ahsay/testing/fixtures.js';
import { bareosAnswer, bareosJob } from '../adapters/bareos/testing/fixtures.js';
import { URBACKUP_FIXTURES } from '../adapters/urbackup/testing/fixtures.js';
import { veeamSession, veeamSessions } from '../adapters/veeam/testing/fixtures.js';
import { ACCOUNT_NO, CUST_ID, Running } from '../testing/running.js';

jest.setTimeout(60_000);

interface LogRow {
  type: string;
  raw: Buffer;
  account_no: string | null;
}

let running: Running;
const sessions = (ids: string[]) =>
  JSON.stringify(veeamSessions(ids.map((id) => veeamSession({ id, name: `Job ${id}` }))));

async function endpoint(agent: string, bound?: object): Promise<{ id: string; address: string }> {
  const { id, key } = await running.endpoint(agent, bound);
  return { id, address: `/ingest/${agent}/${key}` };
}

const rowsOf = ({ id }: { id: string }): Promise<LogRow[]> =>
  running.query<LogRow>(
    `SELECT type, raw, account_no FROM event WHERE body::json->'source'->>'endpointId' = $1 ORDER BY event_id`,
    [id],
  );

beforeAll(async () => {
  running = await Running.start({ RATE_LIMIT_PER_KEY: '5' });
});
afterAll(() => running.close());

describe('a report of several runs', () => {
  it('is an event for each, and a repeat adds none', async () => {
    const at = await endpoint('veeam-vbr');
    const first = await running.post(at.address, sessions(['a', 'b']));
    expect([first.status, await first.text()]).toEqual([200, '{}']);
    await running.post(at.address, sessions(['b', 'c', 'a']));
    const rows = await rowsOf(at);
    expect(rows.map(({ type }) => type)).toEqual([
      'backup.completed',
      'backup.completed',
      'backup.completed',
    ]);
    const kept = rows.map(({ raw }) => JSON.parse(raw.toString()) as { data: { name: string }[] });
    expect(kept.flatMap(({ data }) => data.map(({ name }) => name)).sort()).toEqual([
      'Job a',
      'Job b',
      'Job c',
    ]);
  });

  it('finds the account of each machine by its name', async () => {
    const at = await endpoint('bareos', { custId: CUST_ID });
    const jobs = ['acme-ws07-fd', 'acme-srv01-fd', 'stranger-fd'].map((clientname, i) =>
      bareosJob({ clientname, jobid: String(i) }),
    );
    await running.post(at.address, JSON.stringify(bareosAnswer(jobs)));
    const accounts = (await rowsOf(at)).map(({ account_no }) => account_no);
    expect(new Set(accounts)).toEqual(new Set([String(ACCOUNT_NO), String(ACCOUNT_NO + 1), null]));
  });

  it.each([
    ['ahsay', AHSAY_FIXTURES['several'], ['backup.completed', 'backup.started', 'quota.exceeded']],
    ['ahsay', AHSAY_FIXTURES['xmlList'], ['backup.completed', 'backup.started']],
    ['urbackup', URBACKUP_FIXTURES['bothOverdue'], ['backup.missed', 'backup.missed']],
    ['urbackup', URBACKUP_FIXTURES['failed'], ['backup.failed']],
  ])('%s: each has its own meaning', async (agent, body, types) => {
    const at = await endpoint(agent);
    await running.post(at.address, typeof body === 'string' ? body : JSON.stringify(body));
    expect((await rowsOf(at)).map(({ type }) => type).sort()).toEqual([...types].sort());
  });

  it('is kept whole, with a warning, where it has more runs than anybody sends at once', async () => {
    const at = await endpoint('veeam-vbr');
    const body = JSON.stringify(
      veeamSessions(Array.from({ length: 1001 }, (_one, i) => ({ ...veeamSession(), usn: i }))),
    );
    expect((await running.post(at.address, body)).status).toBe(200);
    const rows = await rowsOf(at);
    expect(rows.map(({ type }) => type)).toEqual(['result.unreadable']);
    expect(rows[0]?.raw.toString()).toBe(body);
  });

  it('costs its key as many reports as it has runs', async () => {
    const at = await endpoint('veeam-vbr');
    const many = sessions(Array.from({ length: 100 }, (_one, i) => `m${i}`));
    expect((await running.post(at.address, many)).status).toBe(200);
    const next = await running.post(at.address, sessions(['later']));
    expect([next.status, Number(next.headers.get('retry-after')) > 0]).toEqual([429, true]);
    expect(await rowsOf(at)).toHaveLength(100);
  });
});
