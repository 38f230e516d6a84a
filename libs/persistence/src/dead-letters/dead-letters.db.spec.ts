import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type PartnerId, PLATFORM, uuidFrom, uuidv7, wholePartner } from '@backhaul/domain';
import { auditEntries, PoisonError, type SetAside, type StoredRecord } from '@backhaul/messaging';
import { testDatabase, type TestDatabase } from '@backhaul/testing';
import { outboxAuditTrail } from '../audit/audit-trail.js';
import { claimInbox } from '../inbox.js';
import { PERSISTENCE_MIGRATIONS } from '../migrations.js';
import { outboxMessage, publishAll } from '../outbox/publish.js';
import { currentPartner, asCaller } from '../tenancy/tenant-context.js';
import { auditEntryOf } from '../audit/audit-trail.js';
import { UnitOfWork } from '../unit-of-work.js';
import { DeadLetterDesk } from './dead-letter-desk.js';
import { DeadLetterRepository } from './dead-letter.repository.js';
import { DeadLetterTable, noteOvertaken } from './dead-letter.table.js';

const [OURS, THEIRS] = [uuidv7(1) as PartnerId, uuidv7(2) as PartnerId];
const ours = wholePartner(OURS);
const operator = wholePartner(PLATFORM);
const DO = { isGroup: false, isDryRun: false };

let database: TestDatabase;
let unitOfWork: UnitOfWork;
let table: DeadLetterTable;
let desk: DeadLetterDesk;
/** What the handler was given, and as whom. */
const handled: { id: string; partner: string; isOvertaken: boolean }[] = [];
let fail: (() => void) | null = null;

const messageId = (record: StoredRecord): string => String(record.headers['id']);

/** A handler as consumers are: inbox, effect and outbox in one transaction. */
const replayer = {
  replay: async (record: StoredRecord, { isOvertaken } = { isOvertaken: false }): Promise<void> => {
    fail?.();
    await unitOfWork.run(async (tx) => {
      handled.push({ id: messageId(record), partner: currentPartner(), isOvertaken });
      const fresh = await claimInbox(tx, 'test', [messageId(record)]);
      if (fresh.size === 0) return;
      const entry = auditEntryOf(OURS, { action: 'effect', target: { kind: 'x', id: messageId(record) } });
      const envelope = { id: entry.entryId, occurredAt: entry.at, partnerId: OURS, correlationId: entry.entryId, causationId: null }; // prettier-ignore
      await publishAll(tx, [outboxMessage(auditEntries, entry, envelope)]);
    });
  },
};

beforeAll(async () => {
  database = await testDatabase({ migrations: PERSISTENCE_MIGRATIONS });
  unitOfWork = new UnitOfWork(database.dataSource);
  const scrub = (text: string): string => text.replace('hunter2', '[redacted]');
  table = new DeadLetterTable(database.dataSource, { scrub, orderKeyOf: () => 'job' });
  const letters = new DeadLetterRepository(unitOfWork, { customers: 'none', brands: 'none' });
  desk = new DeadLetterDesk({ unitOfWork, letters, replayer, audit: outboxAuditTrail, scrub });
});
afterAll(() => database.close());
beforeEach(async () => {
  handled.length = 0;
  fail = null;
  await unitOfWork.query('TRUNCATE dead_letter, inbox, outbox');
});

let offset = 0;
const setAside = (over: Partial<SetAside> & { partnerId?: string | null } = {}): SetAside => {
  const { partnerId = OURS, ...rest } = over;
  offset += 1;
  return {
    topic: 'backup.events.v1',
    partition: 0,
    offset: String(offset),
    key: Buffer.from([0xff, 0]),
    value: Buffer.from('{"accountNo":80202028,"custId":34826,"message":"hunter2"}'),
    headers: {
      id: Buffer.from(uuidFrom(String(offset))),
      ...(partnerId !== null && { 'partner-id': Buffer.from(partnerId) }),
      odd: [Buffer.from([0xc3, 0x28]), Buffer.from('b')],
    },
    reason: 'invariant',
    error: `event ${offset} said hunter2\u001b[2J`,
    ...rest,
  };
};
const keep = async (over: Parameters<typeof setAside>[0] = {}): Promise<string> => {
  const letter = setAside(over);
  await table.keep(letter);
  const [row] = await unitOfWork.query<{ id: string }>(
    'SELECT letter_id AS id FROM dead_letter WHERE place = $1',
    [letter.offset],
  );
  return row?.id ?? '';
};
const effects = async (): Promise<number> =>
  (await unitOfWork.query("SELECT 1 FROM outbox WHERE payload LIKE '%effect%'")).length;
const audited = async (): Promise<object[]> =>
  (
    await unitOfWork.query<{ payload: string }>(
      "SELECT payload FROM outbox WHERE payload LIKE '%dead-letter%'",
    )
  ).map(({ payload }) => JSON.parse(payload) as object);

describe('dead letters', () => {
  it('keep a record byte for byte, once however often it is set aside, and show none of what it says', async () => {
    const letter = setAside();
    await table.keep(letter);
    await table.keep(letter);
    const [group, ...others] = await desk.groups(ours, {}, null, 10);
    expect(others).toEqual([]);
    expect(group).toMatchObject({ topic: 'backup.events.v1', class: 'invariant', count: 1 });
    expect(group?.reason).toBe(`event ${letter.offset} said [redacted]\\u001b[2J`);
    const id = group?.letters[0] ?? '';
    const shown = await desk.find(ours, id);
    expect(shown).toMatchObject({ accountNo: 80202028, custId: 34826, isJson: true, partnerId: OURS });
    expect(JSON.stringify(shown)).not.toContain('hunter2');
    const given: StoredRecord[] = [];
    const other = new DeadLetterDesk({
      ...{ unitOfWork, audit: outboxAuditTrail, scrub: String },
      letters: new DeadLetterRepository(unitOfWork, { customers: 'none', brands: 'none' }),
      replayer: { replay: async (record) => void given.push(record) },
    });
    await other.replay(ours, id, DO);
    const { reason: _reason, error: _error, ...record } = letter;
    expect(given).toEqual([{ ...record, headers: Object.fromEntries(Object.entries(letter.headers).map(([name, value]) => [name, [value ?? []].flat()])) }]); // prettier-ignore
  });

  it('are grouped by topic, class and cause, pages of the newest first', async () => {
    for (const over of [{}, {}, { reason: 'schema' as const }, { topic: 'mail.requests.v1' }])
      await keep(over);
    const all = await desk.groups(ours, {}, null, 10);
    expect(all.map(({ topic, class: reason, count }) => [topic, reason, count])).toEqual([
      ['mail.requests.v1', 'invariant', 1],
      ['backup.events.v1', 'schema', 1],
      ['backup.events.v1', 'invariant', 2],
    ]);
    const [first] = await desk.groups(ours, {}, null, 1);
    const rest = await desk.groups(ours, {}, [first?.newestAt ?? '', first?.id ?? ''], 10);
    expect([first, ...rest]).toEqual(all);
    expect(await desk.groups(ours, { class: 'schema' }, null, 10)).toHaveLength(1);
  });

  it('are seen by their partner and by operators; those of nobody by operators alone', async () => {
    const [mine, nobodys] = [await keep(), await keep({ partnerId: null, value: Buffer.from([0xff]) })];
    const theirs = wholePartner(THEIRS);
    expect(await desk.find(theirs, mine)).toBeNull();
    expect(await desk.replay(theirs, mine, DO)).toBeNull();
    expect(await desk.discard(theirs, mine, { isGroup: false, reason: 'x' })).toBeNull();
    expect(await desk.find(ours, nobodys)).toBeNull();
    expect(await desk.find(operator, nobodys)).toMatchObject({ partnerId: null, isJson: false });
    expect(await desk.find(operator, mine)).not.toBeNull();
    expect(await desk.groups(theirs, {}, null, 10)).toEqual([]);
    expect(await desk.groups(operator, {}, null, 10)).toHaveLength(1);
  });

  it('are replayed by the service itself, once, with what it led to, and audited', async () => {
    const id = await keep();
    const caller = { partnerId: OURS, subject: 'account:1', onBehalfOf: null, ip: null, requestId: null };
    const done = await asCaller(caller, () => desk.replay(ours, id, DO));
    expect(done?.items[0]).toMatchObject({ result: 'replayed', messages: [{ topic: 'audit.entries.v1' }] });
    expect(handled).toMatchObject([{ partner: '*' }]);
    expect(await desk.find(ours, id)).toMatchObject({ state: 'replayed', resolvedBy: 'account:1' });
    expect(await audited()).toMatchObject([
      { action: 'dead-letter.replay', subject: 'account:1', targetId: id, partnerId: OURS },
    ]);
    expect((await desk.replay(ours, id, DO))?.items[0]).toMatchObject({ result: 'busy' });
    expect(await effects()).toBe(1);
  });

  it('have no second effect where they had it before they were set aside', async () => {
    const letter = setAside();
    await replayer.replay(letter);
    await table.keep(letter);
    const [group] = await desk.groups(ours, {}, null, 1);
    const done = await desk.replay(ours, group?.letters[0] ?? '', DO);
    expect(done?.items[0]).toMatchObject({ result: 'replayed', messages: [] });
    expect(await effects()).toBe(1);
  });

  it('are replayed once by many who ask at the same time', async () => {
    const id = await keep();
    const answers = await Promise.all(Array.from({ length: 10 }, () => desk.replay(ours, id, DO)));
    const results = answers.map((answer) => answer?.items[0]?.result).sort();
    expect(results.filter((result) => result === 'replayed')).toHaveLength(1);
    expect([await effects(), handled.length]).toEqual([1, 1]);
  });

  it('rehearsed say what would happen, and nothing happens', async () => {
    const id = await keep();
    const done = await desk.replay(ours, id, { isGroup: false, isDryRun: true });
    expect(done?.items[0]).toMatchObject({
      result: 'would_replay',
      messages: [{ topic: 'audit.entries.v1' }],
      text: 'It would be handled and lead to audit.entries.v1.',
    });
    expect([await effects(), await unitOfWork.query('SELECT 1 FROM inbox')]).toEqual([0, []]);
    expect(await desk.find(ours, id)).toMatchObject({ state: 'waiting' });
    expect(await audited()).toEqual([]);
  });

  it('that end the process are not tried for a rehearsal', async () => {
    const id = await keep({ reason: 'killer' });
    const done = await desk.replay(ours, id, { isGroup: false, isDryRun: true });
    expect(done?.items[0]?.text).toContain('ended the process');
    expect(handled).toEqual([]);
  });

  it('that are refused still go on waiting, and say why without secrets', async () => {
    const id = await keep();
    fail = () => {
      throw new PoisonError('still no hunter2');
    };
    const rehearsed = await desk.replay(ours, id, { isGroup: false, isDryRun: true });
    expect(rehearsed?.items[0]).toMatchObject({ result: 'refused' });
    const done = await desk.replay(ours, id, DO);
    expect(done?.items[0]).toMatchObject({
      result: 'refused',
      text: 'It is refused still: still no [redacted]',
    });
    expect(await desk.find(ours, id)).toMatchObject({ state: 'waiting', note: 'still no [redacted]' });
  });

  it('go on waiting after an outage', async () => {
    const id = await keep();
    fail = () => {
      throw new Error('connection refused');
    };
    await expect(desk.replay(ours, id, DO)).rejects.toThrow('connection refused');
    fail = null;
    expect((await desk.replay(ours, id, DO))?.items[0]).toMatchObject({ result: 'replayed' });
  });

  it('whose replay died with its process can be replayed a minute later', async () => {
    const id = await keep();
    await unitOfWork.query("UPDATE dead_letter SET state = 'replaying', claimed_at = now()");
    expect((await desk.replay(ours, id, DO))?.items[0]).toMatchObject({ result: 'busy' });
    await unitOfWork.query("UPDATE dead_letter SET claimed_at = now() - interval '61 s'");
    expect((await desk.replay(ours, id, DO))?.items[0]).toMatchObject({ result: 'replayed' });
  });

  it('are replayed by group in the order in which they came, a hundred at once', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 103; n += 1) ids.push(await keep());
    const [first = ''] = ids;
    const done = await desk.replay(ours, first, { isGroup: true, isDryRun: false });
    expect([done?.items.length, done?.remaining]).toEqual([100, 3]);
    expect(done?.items.map(({ id }) => id)).toEqual(ids.slice(0, 100));
    const rest = await desk.replay(ours, first, { isGroup: true, isDryRun: false });
    expect(rest?.items.map(({ id }) => id)).toEqual(ids.slice(100));
    expect(await effects()).toBe(103);
  });

  it('are discarded with a reason that stays, their bytes as well', async () => {
    const [id, other] = [await keep(), await keep()];
    const done = await desk.discard(ours, id, { isGroup: true, reason: 'a test of ours' });
    expect(done?.items.map(({ result }) => result)).toEqual(['discarded', 'discarded']);
    expect(await desk.find(ours, other)).toMatchObject({ state: 'discarded', note: 'a test of ours' });
    expect(await desk.groups(ours, {}, null, 10)).toEqual([]);
    expect(await audited()).toMatchObject([
      { action: 'dead-letter.discard', detail: { reason: 'a test of ours' } },
      { action: 'dead-letter.discard' },
    ]);
    const [row] = await unitOfWork.query<{ bytes: number }>(
      'SELECT octet_length(value) AS bytes FROM dead_letter',
    );
    expect(row?.bytes).toBeGreaterThan(10);
  });

  it('that newer records of the same thing have overtaken say so, and are replayed as late', async () => {
    const [older, newer] = [await keep(), await keep()];
    await unitOfWork.run((tx) => noteOvertaken(tx, [{ orderKey: 'job', place: String(offset) }]));
    expect(await desk.find(ours, older)).toMatchObject({ isOvertaken: true });
    expect(await desk.find(ours, newer)).toMatchObject({ isOvertaken: false, olderWaiting: 1 });
    const done = await desk.replay(ours, older, DO);
    expect(done?.items[0]?.text).toContain('counts as late');
    expect(handled).toMatchObject([{ isOvertaken: true }]);
  });
});
