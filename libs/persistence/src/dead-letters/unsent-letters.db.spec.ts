import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type PartnerId, PLATFORM, uuidv7, wholePartner } from '@backhaul/domain';
import { NO_REPLAYER, OVERTAKEN_HEADER } from '@backhaul/messaging';
import { testDatabase, type TestDatabase } from '@backhaul/testing';
import { outboxAuditTrail } from '../audit/audit-trail.js';
import { PERSISTENCE_MIGRATIONS } from '../migrations.js';
import { type Leases, RelayLeases } from '../outbox/leases.js';
import { OutboxSource, type RelayRow } from '../outbox/outbox-source.js';
import { type OutboxMessage, publishAll } from '../outbox/publish.js';
import { UnitOfWork } from '../unit-of-work.js';
import { DeadLetterDesk } from './dead-letter-desk.js';
import { DeadLetterRepository } from './dead-letter.repository.js';

const [OURS, THEIRS] = [uuidv7(1) as PartnerId, uuidv7(2) as PartnerId];
const ours = wholePartner(OURS);
const REQUESTS = 'ticket.requests.connectwise.v1';
const STATES = 'accounts.customers.v1';
const DO = { isGroup: false, isDryRun: false };
const TRY = { isGroup: false, isDryRun: true };

let database: TestDatabase;
let unitOfWork: UnitOfWork;
let source: OutboxSource;
let leases: Leases;
let desk: DeadLetterDesk;

beforeAll(async () => {
  database = await testDatabase({ migrations: PERSISTENCE_MIGRATIONS });
  unitOfWork = new UnitOfWork(database.dataSource);
  source = new OutboxSource(database.dataSource);
  leases = await new RelayLeases(database.dataSource, randomUUID(), 3_600_000).refresh();
  const letters = new DeadLetterRepository(unitOfWork, { customers: 'none', brands: 'none' });
  desk = new DeadLetterDesk({ unitOfWork, letters, replayer: NO_REPLAYER, audit: outboxAuditTrail, scrub: String }); // prettier-ignore
});
afterAll(() => database.close());
beforeEach(() => unitOfWork.query('TRUNCATE dead_letter, outbox'));

const waiting = async (): Promise<RelayRow[]> =>
  (await source.read([...leases.keys()], 100)).filter(({ record }) => record.topic !== 'audit.entries.v1');

/** Everything that waits is in Kafka. */
const leave = async (): Promise<void> => source.advance(leases, await waiting());

async function write(over: Partial<OutboxMessage> & { incidentKey?: string } = {}): Promise<OutboxMessage> {
  const { incidentKey = 'a', ...rest } = over;
  const id = randomUUID();
  const message = {
    id,
    topic: REQUESTS,
    key: '80202028',
    value: JSON.stringify({ accountNo: 80202028, custId: 34826, incidentKey, message: 'hunter2 \u00fc' }),
    headers: { id, 'partner-id': OURS },
    ...rest,
  };
  await unitOfWork.run((tx) => publishAll(tx, [message]));
  return message;
}

/** A message that Kafka did not take; answers its letter's id. */
async function refused(over: Parameters<typeof write>[0] = {}, reason = 'too large'): Promise<string> {
  const { id } = await write(over);
  await refuse(id, reason);
  return id;
}

async function refuse(id: string, reason: string): Promise<void> {
  const row = (await waiting()).find((one) => one.id === id);
  if (!row) throw new Error('It does not wait');
  await source.refuse(leases, row, reason);
}

const resultOf = async (id: string, how = DO) => (await desk.replay(ours, id, how))?.items[0];

describe('a message that Kafka did not take', () => {
  it('is a dead letter with its cause, of its partner, and shows none of what it says', async () => {
    const id = await refused();
    expect(await waiting()).toEqual([]);
    expect(await desk.groups(ours, { class: 'unsent' }, null, 10)).toMatchObject([
      { topic: REQUESTS, class: 'unsent', reason: 'too large', count: 1, letters: [id] },
    ]);
    const letter = await desk.find(ours, id);
    expect(letter).toMatchObject({ accountNo: 80202028, custId: 34826, partnerId: OURS, state: 'waiting' });
    expect(JSON.stringify(letter)).not.toContain('hunter2');
    expect(await desk.find(wholePartner(THEIRS), id)).toBeNull();
    const nobodys = await refused({ headers: {}, value: null });
    expect(await desk.find(ours, nobodys)).toBeNull();
    expect(await desk.find(wholePartner(PLATFORM), nobodys)).toMatchObject({ isJson: false });
  });

  it('rehearsed says what would be sent, and nothing is', async () => {
    const id = await refused();
    expect(await resultOf(id, TRY)).toMatchObject({
      result: 'would_replay',
      text: `It would be sent to ${REQUESTS} once more.`,
      messages: [{ topic: REQUESTS, key: '80202028' }],
    });
    expect([await waiting(), (await desk.find(ours, id))?.state]).toEqual([[], 'waiting']);
  });

  it('is sent again as it was, once, and audited', async () => {
    const message = await write();
    await refuse(message.id, 'too large');
    const done = await Promise.all(Array.from({ length: 5 }, () => resultOf(message.id)));
    expect(done.map((one) => one?.result).sort()).toEqual(['busy', 'busy', 'busy', 'busy', 'replayed']);
    const { id, ...record } = message;
    expect(await waiting()).toMatchObject([{ id, record }]);
    expect(await desk.find(ours, id)).toMatchObject({ state: 'replayed' });
    const audited =
      "SELECT 1 FROM outbox WHERE topic = 'audit.entries.v1' AND payload LIKE '%dead-letter.replay%'";
    expect(await unitOfWork.query(audited)).toHaveLength(1);
    expect(await resultOf(id)).toMatchObject({ result: 'busy' });
  });

  it('waits again with the new reason where it is refused again, and keeps its bytes', async () => {
    const id = await refused();
    await resultOf(id);
    await refuse(id, 'too large still');
    expect(await desk.find(ours, id)).toMatchObject({
      state: 'waiting',
      reason: 'too large still',
      resolvedAt: null,
    });
    expect(await resultOf(id)).toMatchObject({ result: 'replayed' });
    expect((await waiting())[0]?.record.value).toContain('hunter2 \u00fc');
  });

  it('says of itself that newer ones of its problem have left since, and of no other problem', async () => {
    const [overtaken, other] = [await refused(), await refused({ incidentKey: 'b' })];
    await write();
    await leave();
    expect(await desk.find(ours, overtaken)).toMatchObject({ isOvertaken: true });
    expect(await desk.find(ours, other)).toMatchObject({ isOvertaken: false });
    expect((await resultOf(overtaken))?.text).toContain('counts as late');
    await resultOf(other);
    expect((await waiting()).map(({ id, record }) => [id, record.headers[OVERTAKEN_HEADER]])).toEqual([
      [overtaken, 'true'],
      [other, undefined],
    ]);
  });

  it('that would leave behind newer ones that wait to leave says so too', async () => {
    const [behind, other] = [await refused(), await refused({ incidentKey: 'b' })];
    const { id: newer } = await write();
    for (const id of [behind, other]) await resultOf(id);
    expect((await waiting()).map(({ id, record }) => [id, record.headers[OVERTAKEN_HEADER]])).toEqual([
      [newer, undefined],
      [behind, 'true'],
      [other, undefined],
    ]);
  });

  it('is not overtaken by what was written before it', async () => {
    await write();
    const before = await waiting();
    const id = await refused();
    await source.advance(leases, before);
    expect(await desk.find(ours, id)).toMatchObject({ isOvertaken: false });
  });

  it('that tells of a state is sent again unless a newer state has left', async () => {
    const [old, current] = [
      await refused({ topic: STATES, key: 'x' }),
      await refused({ topic: STATES, key: 'y' }),
    ];
    await write({ topic: STATES, key: 'x', incidentKey: 'c' });
    await leave();
    for (const how of [TRY, DO])
      expect(await resultOf(old, how)).toMatchObject({
        result: 'refused',
        text: expect.stringContaining('a newer one has left since'),
      });
    expect(await desk.find(ours, old)).toMatchObject({ state: 'waiting' });
    expect(await resultOf(current)).toMatchObject({ result: 'replayed' });
  });

  it('leaves with its group in the order in which they were written', async () => {
    const ids = [await refused(), await refused({ incidentKey: 'b' }), await refused({ incidentKey: 'c' })];
    const done = await desk.replay(ours, ids[0] ?? '', { isGroup: true, isDryRun: false });
    expect(done?.items.map(({ result }) => result)).toEqual(['replayed', 'replayed', 'replayed']);
    expect((await waiting()).map(({ id }) => id)).toEqual(ids);
  });

  it('is not overtaken by an older one that is sent again before it', async () => {
    const [older, newer] = [await refused(), await refused()];
    await resultOf(older);
    await leave();
    expect(await desk.find(ours, newer)).toMatchObject({ isOvertaken: false });
    const [third, fourth] = [await refused({ incidentKey: 'd' }), await refused({ incidentKey: 'd' })];
    for (const id of [newer, third, fourth]) await resultOf(id);
    expect((await waiting()).map(({ id, record }) => [id, record.headers[OVERTAKEN_HEADER]])).toEqual(
      [newer, third, fourth].map((id) => [id, undefined]),
    );
  });

  it('of the version before is among the letters, and counts as overtaken', async () => {
    await database.dataSource.undoLastMigration();
    const message = await write({ value: 'gr\u00f6\u00dfer' });
    await unitOfWork.query(
      "INSERT INTO outbox_refused SELECT o.*, 'too large', now() FROM outbox o; TRUNCATE outbox",
    );
    await database.dataSource.runMigrations();
    const { id, ...record } = message;
    expect(await desk.find(ours, id)).toMatchObject({ class: 'unsent', isOvertaken: true, partnerId: OURS });
    expect(await resultOf(id)).toMatchObject({ result: 'replayed' });
    expect(await waiting()).toMatchObject([
      { id, record: { ...record, headers: { ...record.headers, [OVERTAKEN_HEADER]: 'true' } } },
    ]);
  });
});
