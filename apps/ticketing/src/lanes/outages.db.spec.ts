import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { ConnectionCheckPayload } from '@backhaul/messaging';
import type { Tx } from '@backhaul/persistence';
import { FaultyPsa } from '../testing/faulty-psa.js';
import { buildConnection, idOf, PARTNER, TestSystem } from '../testing/system.js';
import type { Lease } from './lane.repository.js';

jest.setTimeout(60_000);
Logger.overrideLogger(false);
let system: TestSystem;
let psa: FaultyPsa;

beforeAll(async () => {
  system = await TestSystem.start();
});
afterAll(() => system.close());
beforeEach(async () => {
  await system.empty();
  let now = 0;
  psa = new FaultyPsa({ searchLagMs: 10_000, requestTimeoutMs: 5000, now: () => now });
  pass = async (ms) => {
    now += ms;
    await system.pass(ms);
  };
  await system.connect(psa);
});
let pass: (ms: number) => Promise<void>;

const tickets = () => [...psa.fake.tickets.values()];
const count = (method: string) => psa.calls.filter((call) => call === method).length;
const command = async () =>
  (await system.query<{ status: string }>('SELECT status FROM command ORDER BY seq DESC LIMIT 1'))[0]?.status;
const state = async () => (await system.connection())[0];

/** Waits and works until nothing is left to do. */
async function settle(): Promise<void> {
  for (let round = 0; round < 60; round += 1) {
    await system.drain();
    await pass(2000);
  }
}

async function raiseMany(from: number, to: number): Promise<void> {
  const requests = Array.from({ length: to - from }, (_, n) =>
    system.request(`failed ${from + n}`, { accountNo: 5000 + from + n }),
  );
  await system.foldRequests.handle(requests);
}

describe('a ticket whose creation has no clear answer', () => {
  it('is searched for, not created again, and linked (rows 32, 33, 35)', async () => {
    psa.faults.push({ method: 'create', outcome: 'unknown', isDone: true });
    await system.raise('failed');
    await system.drain();
    expect(await command()).toBe('unknown');
    await settle();
    expect(await command()).toBe('done');
    expect(tickets()).toHaveLength(1);
    expect(count('create')).toBe(1);
    expect(await system.query('SELECT ticket_id FROM incident')).toEqual([{ ticket_id: '1' }]);
  });

  it('is not created again before a search could have shown it (row 36)', async () => {
    psa.faults.push({ method: 'create', outcome: 'unknown' });
    await system.raise('failed');
    for (let second = 0; second < 16; second += 1) {
      await system.drain();
      await pass(1000);
    }
    expect(count('create')).toBe(1);
    expect(count('findByMarker')).toBeGreaterThan(1);
    await settle();
    expect(count('create')).toBe(2);
    expect(tickets()).toHaveLength(1);
  });

  it('is not created while the search itself fails', async () => {
    psa.faults.push({ method: 'create', outcome: 'unknown', isDone: true });
    for (let n = 0; n < 4; n += 1) psa.faults.push({ method: 'findByMarker', outcome: 'unknown' });
    await system.raise('failed');
    await settle();
    expect(count('create')).toBe(1);
    expect(tickets()).toHaveLength(1);
    expect(await command()).toBe('done');
  });

  it('loses its doubles but the oldest when the search finds several', async () => {
    psa.faults.push({ method: 'create', outcome: 'unknown', isDone: true });
    await system.raise('failed');
    await system.drain();
    psa.fake.tickets.set('2', { ...psa.fake.find('1'), id: '2', number: '2', notes: [] });
    await settle();
    expect(tickets().map(({ id, isClosed }) => [id, isClosed])).toEqual([['1', false], ['2', true]]); // prettier-ignore
    expect(system.duplicates).toBe(1);
  });

  it('is sent again when it never left (row 30)', async () => {
    psa.faults.push({ method: 'create', outcome: 'not_sent' });
    await system.raise('failed');
    await system.drain();
    expect(await command()).toBe('planned');
    await settle();
    expect(count('findByMarker')).toBe(0);
    expect(tickets()).toHaveLength(1);
  });
});

describe('a note without a clear answer', () => {
  it('is written once', async () => {
    await system.raise('failed 1');
    await system.drain();
    psa.faults.push({ method: 'addNote', outcome: 'unknown', isDone: true });
    await system.raise('failed 2');
    await settle();
    expect(tickets()[0]?.notes).toHaveLength(1);
  });
});

describe('a connection', () => {
  it('opens its breaker when the PSA is away, for all processes, and comes back by one probe and a ramp', async () => {
    await raiseMany(0, 16);
    for (let n = 0; n < 40; n += 1) psa.faults.push({ outcome: 'not_sent' });
    for (let n = 0; n < 5; n += 1) {
      await system.drain();
      if ((await state())?.breaker === 'open') break;
      await pass(500);
    }
    expect(await state()).toMatchObject({ breaker: 'open', trouble: 'unreachable', opens: 1 });
    const { waitMs } = (await state()) ?? { waitMs: 0 };
    expect(waitMs).toBeGreaterThan(20_000);
    expect(waitMs).toBeLessThan(37_000);
    const calls = psa.calls.length;
    await system.drain();
    expect(psa.calls).toHaveLength(calls);
    // Still away: one call, and twice the wait.
    await pass(37_000);
    await system.drain();
    expect(psa.calls).toHaveLength(calls + 1);
    expect(await state()).toMatchObject({ breaker: 'open', opens: 2 });
    expect((await state())?.waitMs).toBeGreaterThan(40_000);
    psa.faults.length = 0;
    await pass(80_000);
    expect(await system.claim()).toHaveLength(1);
    await system.query("UPDATE lane SET state = 'ready', lease_until = '-infinity' WHERE state = 'running'");
    await system.connections.unprobed(buildConnection().connectionId);
    await settle();
    expect(await state()).toMatchObject({ breaker: 'closed', trouble: null, opens: 0 });
    expect(tickets()).toHaveLength(16);
  });

  it('doubles what it may have in flight each ten seconds after an outage', async () => {
    await raiseMany(0, 30);
    await system.query("UPDATE psa_connection SET breaker = 'half_open'");
    await system.connections.answered(buildConnection().connectionId);
    const free = async () => {
      const leases = await system.claim();
      await system.query(
        "UPDATE lane SET state = 'ready', lease_until = '-infinity' WHERE state = 'running'",
      );
      return leases.length;
    };
    const seen = [await free()];
    await pass(10_000);
    seen.push(await free());
    await pass(10_000);
    seen.push(await free());
    expect(seen).toEqual([1, 2, 4]);
  });

  it('rests as long as the PSA asks, with half its rate, however many calls were refused at once (row 37)', async () => {
    const before = (await state())?.ratePerMinute ?? 0;
    for (let n = 0; n < 4; n += 1) psa.faults.push({ outcome: 'retry_after', retryAfterMs: 90_000 });
    await raiseMany(0, 8);
    await system.drain();
    expect(psa.calls).toHaveLength(4);
    expect(await state()).toMatchObject({
      breaker: 'closed',
      trouble: 'rate_limited',
      ratePerMinute: before / 2,
    });
    await pass(80_000);
    await system.drain();
    expect(psa.calls).toHaveLength(4);
    await pass(11_000);
    await settle();
    expect(tickets()).toHaveLength(8);
    expect(await state()).toMatchObject({ trouble: null });
  });

  it('with refused credentials is tried once in 15 minutes, and at once with new ones (row 38)', async () => {
    for (let n = 0; n < 50; n += 1) psa.faults.push({ outcome: 'credential' });
    await raiseMany(0, 1);
    await system.drain();
    await raiseMany(1, 10);
    await system.drain();
    expect(psa.calls).toHaveLength(1);
    expect(await state()).toMatchObject({ breaker: 'closed', trouble: 'credential' });
    for (let quarter = 1; quarter <= 3; quarter += 1) {
      await pass(15 * 60_000 + 1000);
      await system.drain();
      expect(psa.calls).toHaveLength(1 + quarter);
    }
    // The same message once more changes nothing.
    await system.connect(psa);
    await system.drain();
    expect(psa.calls).toHaveLength(4);
    psa.faults.length = 0;
    await system.connect(psa, { version: '2' });
    await settle();
    expect(tickets()).toHaveLength(10);
    expect(await state()).toMatchObject({ trouble: null });
  });

  it('tells accounts once that the PSA refuses the credentials, and once that it takes them again (B14)', async () => {
    const told = async () =>
      (
        await system.query<{ payload: string }>(
          "SELECT payload FROM outbox WHERE topic = 'psa.connection-checks.v1' ORDER BY xid, seq",
        )
      ).map(({ payload }) => JSON.parse(payload) as ConnectionCheckPayload);
    for (let n = 0; n < 2; n += 1) psa.faults.push({ outcome: 'credential' });
    await raiseMany(0, 1);
    await system.drain();
    await raiseMany(1, 3);
    await pass(15 * 60_000 + 1000);
    await system.drain();
    const refused = { ...buildConnection(), version: '1', reason: 'unauthorized' };
    const { connectionId, partnerId, version, reason } = refused;
    expect(await told()).toMatchObject([{ connectionId, partnerId, version, reason }]);
    await pass(15 * 60_000 + 1000);
    await settle();
    expect(tickets()).toHaveLength(3);
    expect(await told()).toMatchObject([{ reason }, { connectionId, partnerId, version, reason: null }]);
  });

  it.each(['retry_after', 'not_sent'] as const)(
    'with refused credentials is tried by one call, though a try ended as %s (row 38)',
    async (outcome) => {
      psa.faults.push({ outcome: 'credential' });
      await raiseMany(0, 1);
      await system.drain();
      await raiseMany(1, 10);
      psa.faults.push({ outcome, retryAfterMs: 30_000 });
      await pass(15 * 60_000 + 1000);
      await system.drain();
      expect(await state()).toMatchObject({ trouble: 'credential' });
      for (let n = 0; n < 50; n += 1) psa.faults.push({ outcome: 'credential' });
      const calls = psa.calls.length;
      await pass(90_000);
      await system.drain();
      expect(psa.calls).toHaveLength(calls + 1);
      psa.faults.length = 0;
      await pass(15 * 60_000 + 1000);
      await settle();
      expect(tickets()).toHaveLength(10);
      expect(await state()).toMatchObject({ trouble: null });
    },
  );

  it('credentials that came while the old ones were tried are in no doubt', async () => {
    const { connectionId } = buildConnection();
    await system.connect(psa, { version: '2' });
    await system.connections.rejected({ connectionId, version: '1' }, 900_000, 'unauthorized');
    expect(await state()).toMatchObject({ trouble: null });
  });

  it('has its answer recorded once PostgreSQL is back, and is not asked again', async () => {
    await system.raise('failed');
    let failures = 2;
    const { unitOfWork } = system;
    const shaky = Object.assign(Object.create(unitOfWork) as typeof unitOfWork, {
      run: async <T>(work: (tx: Tx) => Promise<T>): Promise<T> => {
        failures -= 1;
        if (failures >= 0) throw new Error('Connection terminated unexpectedly');
        return unitOfWork.run(work);
      },
    });
    const [lease] = await system.claim();
    await system.executeHeadWith(shaky).handle(lease as Lease);
    expect(await command()).toBe('done');
    expect(psa.calls).toEqual(['create']);
    expect(await system.lastOutcomes()).toEqual({ [idOf('failed')]: 'done opened' });
  });

  it('that is down delays no other (P5, F37)', async () => {
    for (let n = 0; n < 100; n += 1) psa.faults.push({ outcome: 'not_sent' });
    await raiseMany(0, 20);
    const well = new FaultyPsa();
    await system.connect(well, { partnerId: idOf('another partner') });
    await system.raise('theirs', { partnerId: idOf('another partner'), accountNo: 7000 });
    await system.drain();
    expect([...well.fake.tickets.values()]).toHaveLength(1);
    expect(tickets()).toHaveLength(0);
    expect(PARTNER).not.toBe(idOf('another partner'));
  });
});
