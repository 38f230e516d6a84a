import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { wholePartner } from '@backhaul/domain';
import {
  backupEvents,
  type Delivered,
  type BackupEventPayload,
  type StoredRecord,
} from '@backhaul/messaging';
import {
  DeadLetterDesk,
  DeadLetterRepository,
  DeadLetterTable,
  outboxAuditTrail,
} from '@backhaul/persistence';
import { buildKnownEvent, type EventIn, PARTNER } from '../testing/builders.js';
import { delivered, TestSystem } from '../testing/system.js';
import type { KnownEvent } from './event-decision.js';
import { orderKeyOfRecord } from './order-key.js';

jest.setTimeout(60_000);
const ours = wholePartner(PARTNER);
const DO = { isGroup: false, isDryRun: false };

let system: TestSystem;
let table: DeadLetterTable;
let desk: DeadLetterDesk;
let offset = 0;

/** The event as it stands behind all others in its partition. */
const next = (event: KnownEvent): Delivered<BackupEventPayload> => {
  offset += 1;
  return { ...delivered(event), offset: String(offset) };
};
const failed = (over: EventIn = {}): KnownEvent => buildKnownEvent({ type: 'backup.failed', ...over });
const succeeded = (over: EventIn = {}): KnownEvent => buildKnownEvent({ type: 'backup.completed', ...over });

beforeAll(async () => {
  system = await TestSystem.start();
  table = new DeadLetterTable(system.database.dataSource, { scrub: String, orderKeyOf: orderKeyOfRecord });
  const letters = new DeadLetterRepository(system.unitOfWork, { customers: 'none', brands: 'none' });
  const replayer = {
    replay: (record: StoredRecord, { isOvertaken } = { isOvertaken: false }) =>
      system.instance().handle([
        {
          ...delivered(JSON.parse(String(record.value)).event as KnownEvent),
          offset: record.offset,
          headers: isOvertaken ? { 'dead-overtaken': 'true' } : {},
        },
      ]) as Promise<unknown> as Promise<void>,
  };
  desk = new DeadLetterDesk({
    ...{ unitOfWork: system.unitOfWork, letters, replayer },
    ...{ audit: outboxAuditTrail, scrub: String },
  });
});
afterAll(() => system.close());
beforeEach(async () => {
  await system.empty();
  await system.unitOfWork.query('TRUNCATE dead_letter');
  await system.createRule();
});

/** Sets the event aside; answers the letter. */
async function setAside(event: KnownEvent): Promise<string> {
  const { payload, key, offset: place } = next(event);
  await table.keep({
    ...{ topic: backupEvents.name, partition: 0, offset: place, key: Buffer.from(key) },
    ...{ value: Buffer.from(JSON.stringify(payload)), reason: 'invariant', error: 'a bug' },
    headers: { id: Buffer.from(event.eventId), 'partner-id': Buffer.from(PARTNER) },
  });
  const [row] = await system.unitOfWork.query<{ id: string }>('SELECT letter_id AS id FROM dead_letter WHERE place = $1', [place]); // prettier-ignore
  return row?.id ?? '';
}
const tickets = async () => (await system.tickets()).map(({ intent, eventId }) => [intent, eventId]);

describe('an event that was set aside', () => {
  it('opens its ticket when it is replayed, exactly once', async () => {
    const event = failed();
    const letter = await setAside(event);
    const rehearsed = await desk.replay(ours, letter, { isGroup: false, isDryRun: true });
    expect(rehearsed?.items[0]?.messages.map(({ topic }) => topic)).toEqual([
      'notification.decisions.v1',
      'ticket.requests.connectwise.v1',
    ]);
    expect(await tickets()).toEqual([]);
    await desk.replay(ours, letter, DO);
    await desk.replay(ours, letter, DO);
    await system.instance().handle([next(event)]);
    expect(await tickets()).toEqual([['raise', event.eventId]]);
  });

  it('opens none when its job has succeeded since: it is late (T25)', async () => {
    const event = failed();
    const letter = await setAside(event);
    await system.instance().handle([next(succeeded())]);
    await desk.replay(ours, letter, DO);
    expect(await tickets()).toEqual([]);
    const [decision] = (await system.outbox()).filter(({ payload }) => payload['eventId'] === event.eventId);
    expect(decision?.payload.actions).toMatchObject([{ state: 'skipped', reason: 'late' }]);
  });

  it('ends no problem that came after it', async () => {
    const letter = await setAside(succeeded());
    const later = failed();
    await system.instance().handle([next(later)]);
    await desk.replay(ours, letter, DO);
    expect(await tickets()).toEqual([['raise', later.eventId]]);
  });

  it('is not overtaken by another job, nor by what came before it', async () => {
    const before = next(succeeded());
    const event = failed();
    const letter = await setAside(event);
    await system.instance().handle([before, next(succeeded({ job: 'another' }))]);
    await desk.replay(ours, letter, DO);
    expect(await tickets()).toEqual([['raise', event.eventId]]);
  });

  it('replayed before an older one of its job overtakes it', async () => {
    const [older, newer] = [await setAside(failed()), await setAside(succeeded())];
    await desk.replay(ours, newer, DO);
    expect(await desk.find(ours, older)).toMatchObject({ isOvertaken: true });
    await desk.replay(ours, older, DO);
    expect(await tickets()).toEqual([]);
  });

  it.each([
    ['one of a type nobody knows', { type: 'backup.teleported', tenant: { accountNo: 80202028 } }],
    [
      'one that lacks what its problem is told by',
      { type: 'backup.failed', tenant: { accountNo: 80202028 } },
    ],
  ])('%s is overtaken by anything newer of its account', async (_what, event) => {
    const letter = await setAside({ ...failed(), ...event, job: undefined, identity: undefined } as never);
    await system.instance().handle([next(succeeded({ job: 'any' }))]);
    expect(await desk.find(ours, letter)).toMatchObject({ isOvertaken: true });
  });
});
