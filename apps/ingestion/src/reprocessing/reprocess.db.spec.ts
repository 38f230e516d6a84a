import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type AccountNo, uuidv7 } from '@backhaul/domain';
import type { Identity } from '@backhaul/http';
import {
  type BackupEventPayload, backupEvents, type NotificationDecisionPayload, notificationDecisions, Publisher, syncOutcomes,
  ticketingBreakers, type TicketOutcomePayload, ticketOutcomes, toRecord, type Topic,
} from '@backhaul/messaging'; // prettier-ignore
import { eventually } from '@backhaul/testing';
import type { Consumer } from 'kafkajs';
import { ACCOUNT_NO, Running } from '../testing/running.js';
import type { Operation } from './operation.js';

jest.setTimeout(90_000);

interface Answer {
  actions: { state: string; reason: string | null; ticketId?: string }[];
  reprocessings: Operation[];
}

const published: BackupEventPayload[] = [];
let running: Running;
let publisher: Publisher;
let consumer: Consumer;
let key: string;

beforeAll(async () => {
  running = await Running.start();
  const { kafka, prefix } = running.kafka;
  publisher = new Publisher(kafka, { prefix });
  consumer = kafka.consumer({ groupId: `${prefix}spec` });
  await consumer.connect();
  await consumer.subscribe({ topics: [prefix + backupEvents.name], fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message }) => {
      published.push(JSON.parse(String(message.value)) as BackupEventPayload);
    },
  });
  ({ key } = await running.endpoint('generic'));
});
afterAll(async () => {
  await consumer.disconnect();
  await publisher.close();
  await running.close();
});

const now = (): string => new Date().toISOString();

async function tell<P extends object>(topic: Topic<P>, payload: P): Promise<void> {
  const id = uuidv7(Date.now());
  const { partnerId } = running;
  const envelope = { id, occurredAt: now(), partnerId, correlationId: id, causationId: null };
  await publisher.send([toRecord(topic, payload, envelope)]);
}

async function newEvent(job: string, minutesAgo = 0): Promise<string> {
  const endedAt = new Date(Date.now() - minutesAgo * 60_000).toISOString();
  const body = { job: { jobName: job }, outcome: { status: 'failed' }, timing: { endedAt } };
  const headers = { 'x-api-key': key, 'content-type': 'application/json' };
  const answer = await running.post('/v1/events', JSON.stringify(body), headers);
  return ((await answer.json()) as { eventId: string }).eventId;
}

const start = (eventId: string, who: Partial<Identity> = {}, headers = {}): Promise<Response> =>
  running.apiAs(who, 'POST', `/events/${eventId}/reprocess`, undefined, headers);

async function started(eventId: string): Promise<string> {
  const answer = await start(eventId);
  expect(answer.status).toBe(202);
  const { id } = (await answer.json()) as Operation;
  expect(answer.headers.get('location')).toBe(`/api/v1/operations/${id}`);
  return id;
}
const operation = async (id: string): Promise<Operation> =>
  (await (await running.api('GET', `/operations/${id}`)).json()) as Operation;
const notifications = async (eventId: string): Promise<Answer> =>
  (await (await running.api('GET', `/events/${eventId}/notifications`)).json()) as Answer;

const RULE = uuidv7(Date.now());
const decision = (eventId: string, requestId: string, operationId?: string): NotificationDecisionPayload => ({
  eventId,
  partnerId: running.partnerId,
  accountNo: ACCOUNT_NO,
  at: now(),
  actions: [
    { requestId, ruleId: RULE, ruleName: 'R', action: 'open_connectwise_ticket', state: 'pending', reason: null, message: null },
  ],
  ...(operationId !== undefined && { operationId }),
}); // prettier-ignore
const outcome = (
  eventId: string,
  requestId: string,
  state: TicketOutcomePayload['state'],
  reason: string,
): TicketOutcomePayload => ({
  eventId,
  requestId,
  ruleId: RULE,
  partnerId: running.partnerId,
  accountNo: ACCOUNT_NO,
  provider: 'connectwise',
  state,
  reason,
  message: `${reason}!`,
  ticketId: state === 'done' ? '4711' : null,
  ticketNumber: null,
  at: now(),
});

describe('POST /events/{id}/reprocess', () => {
  it('publishes the event again, and tells how it goes from queued to done (F18)', async () => {
    const eventId = await newEvent('a');
    const [before, after] = [uuidv7(Date.now()), uuidv7(Date.now())];
    await tell(notificationDecisions, decision(eventId, before));
    await tell(ticketOutcomes, outcome(eventId, before, 'failed', 'unmapped_customer'));
    await eventually(async () => (await notifications(eventId)).actions[0]?.state === 'failed');

    const id = await started(eventId);
    expect(await operation(id)).toMatchObject({ status: 'queued', done: 0, total: 0, result: null, eventId });
    const again = await eventually(() => published.find(({ operationId }) => operationId === id) ?? false);
    expect([again.event.eventId, again.isLate]).toEqual([eventId, false]);

    const pushed = uuidv7(Date.now());
    const decided = decision(eventId, after, id);
    const sync = decision(eventId, pushed).actions.map((action) => ({
      ...action,
      action: 'sync_connectwise',
    }));
    await tell(notificationDecisions, { ...decided, actions: [...decided.actions, ...sync] });
    await eventually(async () =>
      expect(await operation(id)).toMatchObject({ status: 'running', done: 0, total: 2 }),
    );
    await tell(ticketOutcomes, outcome(eventId, after, 'done', 'opened'));
    await eventually(async () => expect(await operation(id)).toMatchObject({ status: 'running', done: 1 }));
    const { ticketId: _, ticketNumber: __, ...figures } = outcome(eventId, pushed, 'done', 'pushed');
    await tell(syncOutcomes, { ...figures, state: 'done' });
    await eventually(async () =>
      expect(await operation(id)).toMatchObject({ status: 'done', done: 2, total: 2, result: { eventId } }),
    );
    const { actions, reprocessings } = await notifications(eventId);
    expect(actions.map(({ state, reason }) => [state, reason]).sort()).toEqual([
      ['done', 'opened'],
      ['done', 'pushed'],
      ['superseded', 'reprocessed'],
    ]);
    expect(reprocessings.map(({ status }) => status)).toEqual(['done']);
    const search = { all: [{ field: 'notificationProcessedErrors', operator: 'like', term: '?*' }] };
    const found = (await (await running.api('POST', '/events/search', search)).json()) as {
      items: unknown[];
    };
    expect(found.items).toEqual([]);
  });

  it('fails when what was asked for fails, with its words, and may then be asked for again', async () => {
    const eventId = await newEvent('b');
    const request = uuidv7(Date.now());
    const id = await started(eventId);
    await tell(notificationDecisions, decision(eventId, request, id));
    await tell(ticketOutcomes, outcome(eventId, request, 'failed', 'unmapped_customer'));
    await eventually(async () =>
      expect(await operation(id)).toMatchObject({
        status: 'failed',
        problem: { detail: 'unmapped_customer!' },
      }),
    );
    await started(eventId);
  });

  it('twice at once is one run and 409 (F18); the same Idempotency-Key is the same answer', async () => {
    const eventId = await newEvent('c');
    const answers = await Promise.all(Array.from({ length: 5 }, () => start(eventId)));
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409, 409, 409, 409]);
    const other = await newEvent('d');
    const first = await start(other, {}, { 'idempotency-key': 'k' });
    const second = await start(other, {}, { 'idempotency-key': 'k' });
    expect([first.status, second.status, await second.json()]).toEqual([202, 202, await first.json()]);
  });

  it('gives up after a quarter of an hour, so that it can be asked for again', async () => {
    const eventId = await newEvent('e');
    const id = await started(eventId);
    await running.query("UPDATE operation SET created_at = now() - interval '16 minutes' WHERE operation_id = $1", [id]); // prettier-ignore
    expect(await operation(id)).toMatchObject({ status: 'failed' });
    await started(eventId);
  });

  it('says that a newer result of the same job is known', async () => {
    const old = await newEvent('f', 10);
    await newEvent('f');
    const id = await started(old);
    const again = await eventually(() => published.find(({ operationId }) => operationId === id) ?? false);
    expect(again.isLate).toBe(true);
  });

  it('while the breaker of its PSA is open: 503 with Retry-After, and it stands in the log (F18, F37)', async () => {
    const eventId = await newEvent('g');
    await tell(notificationDecisions, decision(eventId, uuidv7(Date.now())));
    const { partnerId } = running;
    const connectionId = uuidv7(Date.now());
    const breaker = { connectionId, partnerId, provider: 'connectwise' as const };
    const until = new Date(Date.now() + 60_000).toISOString();
    await eventually(async () => (await notifications(eventId)).actions.length === 1);
    await tell(ticketingBreakers, { ...breaker, isOpen: true, until, at: now() });
    await eventually(async () => {
      expect(await running.query('SELECT 1 FROM psa_breaker WHERE open_until IS NOT NULL')).toHaveLength(1);
    });
    const refused = await start(eventId);
    expect([refused.status, Number(refused.headers.get('retry-after'))]).toEqual([503, expect.any(Number)]);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(30);
    const { reprocessings } = await notifications(eventId);
    expect(reprocessings).toMatchObject([
      { status: 'failed', problem: { detail: expect.stringContaining('does not answer') } },
    ]);
    expect(running.logs.join('')).toContain('The PSA does not answer right now');
    // An event in which that PSA has no part is none of its business.
    await started(await newEvent('h'));
    await tell(ticketingBreakers, { ...breaker, isOpen: false, until: null, at: now() });
    await eventually(async () => expect((await start(eventId)).status).toBe(202));
  });

  it('what is out of sight is 404, what has no account 422, who may not 403, what is no id 400', async () => {
    const eventId = await newEvent('i');
    const id = await started(eventId);
    const stranger = { partnerId: uuidv7(1) as Identity['partnerId'] };
    expect((await start(eventId, stranger)).status).toBe(404);
    expect((await start(uuidv7(1))).status).toBe(404);
    expect((await start('x')).status).toBe(400);
    for (const role of ['partner-read-only', 'power-user'] as const)
      expect((await start(eventId, { role, accountNo: ACCOUNT_NO as AccountNo })).status).toBe(403);
    expect((await running.apiAs(stranger, 'GET', `/operations/${id}`)).status).toBe(404);
    const narrow = { brandId: uuidv7(2) as Identity['brandId'] };
    expect((await running.apiAs(narrow, 'GET', `/operations/${id}`)).status).toBe(404);
    expect((await start(eventId, narrow)).status).toBe(404);
    const { key: ofCustomer } = await running.endpoint('generic', { custId: 34826 });
    await running.post(`/ping/${ofCustomer}/fail`, '');
    const [waiting] = await running.query<{ event_id: string }>(
      'SELECT event_id FROM event WHERE account_no IS NULL',
    );
    expect((await start(waiting?.event_id ?? '')).status).toBe(422);
  });
});
