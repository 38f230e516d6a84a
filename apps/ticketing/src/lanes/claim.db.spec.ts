import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { FaultyPsa } from '../testing/faulty-psa.js';
import { buildConnection, idOf, TestSystem } from '../testing/system.js';
import type { Lease } from './lane.repository.js';

jest.setTimeout(60_000);
const WORKERS = 8;
const MAX_IN_FLIGHT = 4;
let system: TestSystem;

beforeAll(async () => {
  system = await TestSystem.start();
});
afterAll(() => system.close());
beforeEach(() => system.empty());

const partner = (n: number) => idOf(`partner ${n}`);

async function fill(partners: number, accounts: number): Promise<FaultyPsa[]> {
  const psas: FaultyPsa[] = [];
  for (let p = 0; p < partners; p += 1) {
    psas.push(new FaultyPsa());
    await system.connect(psas.at(-1) as FaultyPsa, { partnerId: partner(p) });
    const requests = Array.from({ length: accounts }, (_, a) =>
      system.request(`failed ${p} ${a}`, { partnerId: partner(p), accountNo: 1000 * (p + 1) + a }),
    );
    await system.foldRequests.handle(requests);
  }
  return psas;
}

/** Many processes that ask at the same moment, again and again. */
async function claimAtOnce(rounds: number): Promise<Lease[]> {
  const claimed: Lease[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const answers = await Promise.all(Array.from({ length: WORKERS }, () => system.claim(3)));
    claimed.push(...answers.flat());
  }
  return claimed;
}

describe('the claim', () => {
  it('gives no lane to two of eight workers, and no connection more calls than it bears', async () => {
    await fill(3, 30);
    for (let round = 0; round < 12; round += 1) {
      const claimed = await claimAtOnce(1);
      expect(new Set(claimed.map(({ laneKey }) => laneKey)).size).toBe(claimed.length);
      const running = await system.query<{ count: number }>(
        "SELECT count(*)::int AS count FROM lane WHERE state = 'running' GROUP BY connection_id",
      );
      expect(Math.max(...running.map(({ count }) => count))).toBeLessThanOrEqual(MAX_IN_FLIGHT);
    }
    const [{ count } = { count: 0 }] = await system.query<{ count: number }>(
      "SELECT count(*)::int AS count FROM lane WHERE state = 'running'",
    );
    expect(count).toBe(3 * MAX_IN_FLIGHT);
  });

  it('is soon over where its worker dies before it calls, and whole once the call is marked', async () => {
    await fill(1, 1);
    const [lease] = await system.lanes.claim(1, 150_000);
    const secondsLeft = async (): Promise<number> => {
      const [row] = await system.query<{ left: number }>(
        'SELECT extract(epoch FROM lease_until - clock_timestamp())::float8 AS left FROM lane',
      );
      return row?.left ?? 0;
    };
    expect(await secondsLeft()).toBeLessThanOrEqual(15);
    const head = lease && (await system.lanes.head(lease));
    if (!head) throw new Error('There is nothing to do');
    expect(await system.lanes.markSending(lease, head.commandId, 150_000)).not.toBeNull();
    expect(await secondsLeft()).toBeGreaterThan(100);
  });

  it('keeps every lane in the order of its events while eight workers share it (P3)', async () => {
    const [psa] = await fill(1, 6);
    for (let event = 0; event < 8; event += 1)
      for (let a = 0; a < 6; a += 1) {
        const name = `event ${event} of ${a}`;
        const over = { partnerId: partner(0), accountNo: 1000 + a };
        if (event % 2 === 0) await system.resolve(name, over);
        else await system.raise(name, over);
        if (event % 3 === 2) await Promise.all(Array.from({ length: WORKERS }, () => system.drain()));
      }
    await Promise.all(Array.from({ length: WORKERS }, () => system.drain()));
    await system.drain();
    expect(psa?.mostInFlight).toBeLessThanOrEqual(MAX_IN_FLIGHT);
    const rows = await system.query<{ lane: string; finished: Date }>(
      "SELECT lane_key AS lane, finished_at AS finished FROM command WHERE status = 'done' ORDER BY lane_key, seq",
    );
    rows.forEach((row, index) => {
      const before = rows[index - 1];
      if (before?.lane === row.lane) expect(before.finished <= row.finished).toBe(true);
    });
    // The last event of each account was a failure: one open ticket each.
    const open = [...(psa?.fake.tickets.values() ?? [])].filter(({ isClosed }) => !isClosed);
    expect(open).toHaveLength(6);
  });

  it('serves partners in turn, were one of them a hundred times as busy (P10)', async () => {
    await fill(1, 60);
    const quiet = new FaultyPsa();
    await system.connect(quiet, { partnerId: partner(9) });
    await system.raise('the one', { partnerId: partner(9), accountNo: 9000 });
    const first = await claimAtOnce(2);
    expect(first.map(({ laneKey }) => laneKey)).toContainEqual(expect.stringMatching(/\|9000$/));
  });

  it('spends no more calls than the rate allows', async () => {
    await fill(1, 30);
    await system.query(
      'UPDATE psa_connection SET rate_per_minute = 0.001, tokens = 2.5, full_in_flight = 50, max_in_flight = 50',
    );
    expect(await claimAtOnce(3)).toHaveLength(2);
  });

  it('hands a lane whose worker died to another, whose epoch shuts the first one out', async () => {
    await fill(1, 1);
    const [dead] = await system.claim();
    expect(await system.claim()).toEqual([]);
    await system.pass(61_000);
    const [heir] = await system.claim();
    expect(heir?.laneKey).toBe(dead?.laneKey);
    const [{ id } = { id: '' }] = await system.query<{ id: string }>('SELECT command_id AS id FROM command');
    expect(await system.lanes.markSending(dead as Lease, id, 1000)).toBeNull();
    expect(await system.lanes.markAgain(dead as Lease, id)).toBe(false);
    await system.executeHead.handle(dead as Lease);
    expect(await system.query('SELECT status FROM command')).toEqual([{ status: 'planned' }]);
    expect(await system.lanes.markSending(heir as Lease, id, 1000)).not.toBeNull();
  });

  it('lets one probe through while the PSA is in doubt, whoever asks, and the next after its lease', async () => {
    await fill(1, 20);
    const { connectionId } = buildConnection({ partnerId: partner(0) });
    await system.connections.open(connectionId, 30_000, false);
    expect(await claimAtOnce(2)).toEqual([]);
    await system.pass(40_000);
    const probes = await claimAtOnce(4);
    expect(probes).toMatchObject([{ isProbe: true }]);
    await system.pass(60_000);
    expect(await claimAtOnce(2)).toHaveLength(1);
  });

  it('lets one probe through while credentials are in doubt', async () => {
    await fill(1, 20);
    const { connectionId } = buildConnection({ partnerId: partner(0) });
    await system.connections.rejected({ connectionId, version: '1' }, 900_000, 'unauthorized');
    await system.pass(890_000);
    expect(await claimAtOnce(1)).toEqual([]);
    await system.pass(11_000);
    expect(await claimAtOnce(3)).toHaveLength(1);
  });
});
