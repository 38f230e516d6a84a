import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type PartnerId, wholePartner } from '@backhaul/domain';
import { connectwiseTicketRequests, type StoredRecord, type TicketRequestPayload } from '@backhaul/messaging';
import {
  DeadLetterDesk,
  DeadLetterRepository,
  DeadLetterTable,
  outboxAuditTrail,
} from '@backhaul/persistence';
import { Logger } from '@nestjs/common';
import { TABLES } from '../read-models/scope-tables.js';
import { FaultyPsa } from '../testing/faulty-psa.js';
import { idOf, PARTNER, TestSystem } from '../testing/system.js';
import { orderKeyOfRequest } from './order-key.js';

jest.setTimeout(60_000);
Logger.overrideLogger(false);
const ours = wholePartner(PARTNER as PartnerId);
const DO = { isGroup: false, isDryRun: false };
let system: TestSystem;
let psa: FaultyPsa;
let table: DeadLetterTable;
let desk: DeadLetterDesk;
let offset = 0;

beforeAll(async () => {
  system = await TestSystem.start();
  const { unitOfWork, database } = system;
  table = new DeadLetterTable(database.dataSource, { scrub: String, orderKeyOf: orderKeyOfRequest });
  const replayer = {
    replay: ({ value, offset: at }: StoredRecord, { isOvertaken } = { isOvertaken: false }) => {
      const request = JSON.parse(String(value)) as TicketRequestPayload;
      return system.foldRequests.handle([{ ...request, offset: at, isOvertaken }]);
    },
  };
  const letters = new DeadLetterRepository(unitOfWork, TABLES);
  desk = new DeadLetterDesk({ unitOfWork, letters, replayer, audit: outboxAuditTrail, scrub: String });
});
afterAll(() => system.close());
beforeEach(async () => {
  await system.empty();
  await system.query('TRUNCATE dead_letter');
  psa = new FaultyPsa();
  await system.connect(psa);
});

async function setAside(request: TicketRequestPayload): Promise<string> {
  offset += 1;
  await table.keep({
    ...{ topic: connectwiseTicketRequests.name, partition: 0, offset: String(offset), key: null },
    ...{ value: Buffer.from(JSON.stringify(request)), reason: 'invariant', error: 'a bug' },
    headers: { id: Buffer.from(request.requestId), 'partner-id': Buffer.from(PARTNER) },
  });
  const [row] = await system.query<{ id: string }>('SELECT letter_id AS id FROM dead_letter WHERE place = $1', [offset]); // prettier-ignore
  return row?.id ?? '';
}
const handle = async (request: TicketRequestPayload): Promise<void> => {
  offset += 1;
  await system.foldRequests.handle([{ ...request, offset: String(offset) }]);
  await system.drain();
};
const replay = async (letter: string) => {
  const done = await desk.replay(ours, letter, DO);
  await system.drain();
  return done?.items[0];
};
const tickets = () => [...psa.fake.tickets.values()];

describe('a request that was set aside', () => {
  it('opens one ticket when it is replayed, though it comes again after that', async () => {
    const request = system.request('failed');
    const letter = await setAside(request);
    expect(await replay(letter)).toMatchObject({ result: 'replayed' });
    await handle(request);
    expect(await replay(letter)).toMatchObject({ result: 'busy' });
    expect(tickets()).toHaveLength(1);
    expect(await system.lastOutcomes()).toEqual({ [idOf('failed')]: 'done opened' });
  });

  it('opens none once its problem is known to be over (P6)', async () => {
    const letter = await setAside(system.request('failed'));
    await handle(system.request('healed', { intent: 'resolve' }));
    expect((await replay(letter))?.text).toContain('counts as late');
    expect(tickets()).toEqual([]);
    expect(await system.lastOutcomes()).toMatchObject({ [idOf('failed')]: 'superseded overtaken' });
  });

  it('closes no ticket of what failed after it', async () => {
    const letter = await setAside(system.request('healed', { intent: 'resolve' }));
    await handle(system.request('failed again'));
    await replay(letter);
    expect(tickets()).toMatchObject([{ isClosed: false }]);
  });

  it('is not overtaken by another problem of its account', async () => {
    const letter = await setAside(system.request('failed'));
    await handle(system.request('another', { incidentKey: 'another' }));
    await replay(letter);
    expect(tickets()).toHaveLength(2);
  });
});
