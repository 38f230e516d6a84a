import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { FaultyPsa } from '../testing/faulty-psa.js';
import { buildConnection, idOf, TestSystem } from '../testing/system.js';

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
  psa = new FaultyPsa();
  await system.connect(psa);
});

const reprocess = (event: string, operation: string): Promise<void> =>
  system.raise(event, { requestId: idOf(operation), operationId: idOf(operation) });
const tickets = () => [...psa.fake.tickets.values()];

describe('an event that is reprocessed', () => {
  it('notes it on the ticket that is open, and opens no second one, however often (F19)', async () => {
    await system.raise('e');
    await system.drain();
    await reprocess('e', 'one');
    await reprocess('e', 'one');
    await system.drain();
    await reprocess('e', 'two');
    await system.drain();
    expect(tickets()).toHaveLength(1);
    expect(tickets()[0]?.notes).toHaveLength(2);
    expect((await system.outcomes()).map(({ state, reason }) => `${state} ${reason}`)).toEqual([
      'done opened',
      'done noted',
      'done noted',
    ]);
  });

  it('goes on with what waited for a person, and tells both who asked (F18)', async () => {
    await system.map(buildConnection().partnerId, null);
    await system.raise('e');
    await system.drain();
    expect((await system.lastOutcomes())[idOf('e')]).toBe('failed unmapped_customer');
    await system.query("UPDATE customer_map SET psa_company_id = '250'");
    await system.drain();
    expect(tickets()).toEqual([]);
    await reprocess('e', 'one');
    await system.drain();
    expect(tickets()).toHaveLength(1);
    const said = (await system.outcomes()).map(({ state, reason }) => `${state} ${reason}`);
    expect(said).toEqual(['failed unmapped_customer', 'done opened', 'done opened']);
  });

  it('leaves the ticket of a problem that is resolved as it is', async () => {
    await system.raise('e');
    await system.drain();
    await system.resolve('healed');
    await system.drain();
    await reprocess('e', 'one');
    await system.drain();
    expect(tickets().map(({ isClosed }) => isClosed)).toEqual([true]);
    expect((await system.lastOutcomes())[idOf('e')]).toBe('skipped already_resolved');
  });

  it('opens the ticket that was refused when the event came', async () => {
    await system.connect(psa, { isEnabled: false });
    await system.raise('e');
    expect((await system.lastOutcomes())[idOf('e')]).toBe('skipped disabled');
    await system.connect(psa, { isEnabled: true });
    await reprocess('e', 'one');
    await system.drain();
    expect(tickets()).toHaveLength(1);
  });
});

it('tells when a breaker opens, and when the PSA answers again (F37)', async () => {
  const { connectionId, partnerId } = buildConnection();
  const told = async () => {
    const rows = await system.query<{ payload: string }>(
      "SELECT payload FROM outbox WHERE topic = 'ticketing.breakers.v1' ORDER BY xid, seq",
    );
    return rows.map(({ payload }) => JSON.parse(payload) as object);
  };
  await system.connections.open(connectionId, 30_000, false);
  await system.connections.open(connectionId, 30_000, false);
  const opened = {
    connectionId,
    partnerId,
    provider: 'connectwise',
    isOpen: true,
    until: expect.any(String),
  };
  expect(await told()).toEqual([{ ...opened, at: expect.any(String) }]);
  await system.query("UPDATE psa_connection SET breaker = 'half_open'");
  await system.connections.answered(connectionId);
  expect((await told())[1]).toMatchObject({ connectionId, isOpen: false, until: null });
});
