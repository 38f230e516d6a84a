import { afterAll, beforeAll, beforeEach, expect, it, jest } from '@jest/globals';
import { uuidv7 } from '@backhaul/domain';
import type { BackupEventPayload, Delivered } from '@backhaul/messaging';
import { buildKnownEvent } from '../testing/builders.js';
import { delivered, TestSystem } from '../testing/system.js';
import type { KnownEvent } from './event-decision.js';

jest.setTimeout(60_000);

let system: TestSystem;
beforeAll(async () => {
  system = await TestSystem.start();
});
afterAll(() => system.close());
beforeEach(() => system.empty());

/** The event as ingestion publishes it once more. */
function again(event: KnownEvent, operationId: string, isLate = false): Delivered<BackupEventPayload> {
  const first = delivered(event, isLate);
  return {
    ...first,
    payload: { event, isLate, operationId },
    envelope: { ...first.envelope, id: operationId },
  };
}
const operation = (): string => uuidv7(Date.now());

it('a reprocessed event asks again under a new id, once for each operation, and says which (F18)', async () => {
  await system.createRule();
  const event = buildKnownEvent();
  const [one, two] = [operation(), operation()];
  const instance = system.instance();
  await instance.handle([delivered(event)]);
  await instance.handle([again(event, one), again(event, one)]);
  await system.instance().handle([again(event, one), again(event, two)]);
  const tickets = await system.tickets();
  expect(tickets.map(({ operationId }) => operationId)).toEqual([undefined, one, two]);
  expect(new Set(tickets.map(({ requestId }) => requestId)).size).toBe(3);
  const decisions = (await system.outbox()).filter(({ topic }) => topic === 'notification.decisions.v1');
  expect(decisions.map(({ payload }) => payload['operationId'])).toEqual([undefined, one, two]);
});

it('acts by the rules of now, also by those made after the event (F18)', async () => {
  const event = buildKnownEvent({ receivedAt: '2026-11-19T00:00:00.000Z' });
  await system.createRule();
  await system.instance().handle([delivered(event)]);
  expect(await system.tickets()).toEqual([]);
  await system.instance().handle([again(event, operation())]);
  expect(await system.tickets()).toHaveLength(1);
});

it('forces the push of figures, also where the result is old; an old result raises nothing (F18)', async () => {
  await system.createRule();
  await system.createRule({ action: 'sync_connectwise' });
  const event = buildKnownEvent();
  await system.instance().handle([again(event, operation(), true)]);
  const rows = await system.outbox();
  expect(rows.map(({ topic }) => topic)).toEqual([
    'notification.decisions.v1',
    'sync.requests.connectwise.v1',
  ]);
  expect(rows[1]?.payload).toMatchObject({ isForced: true });
  expect(rows[0]?.payload.actions?.map(({ state, reason }) => [state, reason]).sort()).toEqual([
    ['pending', null],
    ['skipped', 'late'],
  ]);
  await system.instance().handle([delivered(buildKnownEvent({ job: 'other' }))]);
  const normal = (await system.outbox()).findLast(({ topic }) => topic.startsWith('sync.'));
  expect(normal?.payload).not.toHaveProperty('isForced');
});
