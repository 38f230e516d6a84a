import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { uuidv7 } from '@backhaul/domain';
import {
  accountsAccounts, type BackupEventPayload, backupEvents, type NotificationDecisionPayload, notificationDecisions,
  Publisher, type SyncOutcomePayload, syncOutcomes, type TicketOutcomePayload, ticketOutcomes, toRecord,
} from '@backhaul/messaging'; // prettier-ignore
import { eventually } from '@backhaul/testing';
import type { Consumer } from 'kafkajs';
import { ACCOUNT_NO, CUST_ID, Running } from '../testing/running.js';

jest.setTimeout(60_000);

let running: Running;
let publisher: Publisher;
let consumer: Consumer;
let key: string;
const published: BackupEventPayload[] = [];

const at = (minutesAgo: number): string => new Date(Date.now() - minutesAgo * 60_000).toISOString();

async function send(run: string, status: string, minutesAgo: number): Promise<string> {
  const body = {
    idempotencyKey: run,
    job: { jobName: 'Nightly' },
    outcome: { status },
    timing: { endedAt: at(minutesAgo) },
  };
  const answer = await running.post('/v1/events', JSON.stringify(body), {
    'x-api-key': key,
    'content-type': 'application/json',
  });
  return ((await answer.json()) as { eventId: string }).eventId;
}

const UNMARKED = `SELECT 1 FROM event e JOIN relay_lease l USING (bucket)
  WHERE l.pos_id IS NULL OR (e.xid, e.event_id) > (l.pos_xid, l.pos_id)`;

const publishedOf = (eventId: string): Promise<BackupEventPayload> =>
  eventually(async () => published.find(({ event }) => event.eventId === eventId) ?? false, {
    timeoutMs: 20_000,
  });

const envelope = () => {
  const id = uuidv7(Date.now());
  return { id, occurredAt: at(0), partnerId: running.partnerId, correlationId: id, causationId: null };
};

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

describe('the event log as the outbox', () => {
  it('publishes what is stored, and says what is late (F33)', async () => {
    const first = await send('l-1', 'success', 10);
    expect((await publishedOf(first)).isLate).toBe(false);
    expect((await publishedOf(await send('l-2', 'failed', 20))).isLate).toBe(true);
    expect((await publishedOf(await send('l-3', 'success', 20))).isLate).toBe(true);
    expect((await publishedOf(await send('l-4', 'failed', 5))).isLate).toBe(false);
  });

  it('says the same when it publishes again', async () => {
    const before = published.length;
    const said = new Map(published.map(({ event, isLate }) => [event.eventId, isLate]));
    // What Kafka has is marked a moment later; a mark after this would undo it.
    await eventually(async () => (await running.query(UNMARKED)).length === 0, { timeoutMs: 20_000 });
    await running.query('UPDATE relay_lease SET pos_xid = NULL, pos_id = NULL');
    await send('l-5', 'success', 1);
    await eventually(async () => published.length >= before * 2 + 1, { timeoutMs: 20_000 });
    for (const { event, isLate } of published.slice(before)) {
      if (said.has(event.eventId)) expect(isLate).toBe(said.get(event.eventId));
    }
  });

  it('publishes an unassigned result once it is assigned, and not before', async () => {
    const { key: ofCustomer } = await running.endpoint('generic', { custId: CUST_ID });
    const body = JSON.stringify({ outcome: { status: 'failed' }, identity: { hostName: 'nobody' } });
    await running.post(`/ingest/generic/${ofCustomer}`, body);
    const list = (await (await running.api('GET', '/unassigned-results')).json()) as {
      items: { id: string }[];
    };
    const id = list.items[0]?.id ?? '';
    expect(published.some(({ event }) => event.eventId === id)).toBe(false);
    await running.api('POST', `/unassigned-results/${id}/assign`, { accountNo: ACCOUNT_NO });
    expect((await publishedOf(id)).event.tenant).toMatchObject({
      accountNo: ACCOUNT_NO,
      resolution: 'matched',
    });
  });
});

describe('what comes back', () => {
  it('stands beside the event, whichever of decision and outcome came first (F17)', async () => {
    const eventId = await send('o-1', 'failed', 0);
    const ids = { eventId, requestId: uuidv7(Date.now()), ruleId: uuidv7(Date.now()) };
    const outcome: TicketOutcomePayload = {
      ...ids,
      partnerId: running.partnerId,
      accountNo: ACCOUNT_NO,
      provider: 'connectwise',
      state: 'done',
      reason: 'opened',
      message: null,
      ticketId: '17',
      ticketNumber: '17',
      at: at(0),
    };
    const decision: NotificationDecisionPayload = {
      eventId,
      partnerId: running.partnerId,
      accountNo: ACCOUNT_NO,
      at: at(0),
      actions: [
        {
          ...ids,
          ruleName: 'Failures',
          action: 'open_connectwise_ticket',
          state: 'pending',
          reason: null,
          message: null,
        },
      ],
    };
    await publisher.send([toRecord(ticketOutcomes, outcome, envelope())]);
    const notifications = async () =>
      (await (await running.api('GET', `/events/${eventId}/notifications`)).json()) as {
        state: string;
        actions: unknown[];
      };
    await eventually(async () => (await notifications()).actions.length === 1, { timeoutMs: 20_000 });
    expect((await notifications()).state).toBe('accepted');
    await publisher.send([toRecord(notificationDecisions, decision, envelope())]);
    const done = await eventually(async () =>
      (await notifications()).state === 'processed' ? notifications() : false,
    );
    expect(done.actions).toMatchObject([{ ruleName: 'Failures', state: 'done', ticketId: '17' }]);
    const again = await running.query('SELECT state FROM event_action');
    expect(again).toEqual([{ state: 'done' }]);
    const listed = (await (await running.api('GET', '/events')).json()) as {
      items: { eventId: string; state: string }[];
    };
    expect(listed.items.find((item) => item.eventId === eventId)?.state).toBe('processed');
  });

  it.each([
    ['connectwise', 'Skipping ConnectWise synchronization (only updating every 12 hours).'],
    ['autotask', 'Skipping Autotask synchronization (only updating every 12 hours).'],
  ] as const)(
    'a push to %s left for later stands in the exact words of the log, and is no trouble (F25, F31)',
    async (provider, line) => {
      const eventId = await send(`s-${provider}`, 'failed', 0);
      const skipped: SyncOutcomePayload = {
        eventId,
        requestId: uuidv7(Date.now()),
        ruleId: uuidv7(Date.now()),
        partnerId: running.partnerId,
        accountNo: ACCOUNT_NO,
        provider,
        state: 'skipped',
        reason: 'within_window',
        message: null,
        at: at(0),
      };
      const refused: SyncOutcomePayload = {
        ...skipped,
        requestId: uuidv7(Date.now()),
        state: 'failed',
        reason: 'refused',
        message: 'The agreement has ended.',
      };
      await publisher.send([skipped, refused].map((outcome) => toRecord(syncOutcomes, outcome, envelope())));
      const told = await eventually(
        async () => {
          const answer = await running.api('GET', `/events/${eventId}/notifications`);
          const said = (await answer.json()) as { actions: object[]; notificationProcessedErrors: object[] };
          return said.actions.length === 2 && said;
        },
        { timeoutMs: 20_000 },
      );
      expect(told.actions).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ action: `sync_${provider}`, state: 'skipped', message: line, provider }),
          expect.objectContaining({ action: `sync_${provider}`, state: 'failed', message: refused.message }),
        ]),
      );
      expect(told.notificationProcessedErrors).toMatchObject([{ message: 'The agreement has ended.' }]);
    },
  );

  it('is in force within two seconds: an account made a moment ago takes an endpoint', async () => {
    const accountNo = ACCOUNT_NO + 7;
    const made = running.api('POST', '/endpoints', { agent: 'restic', accountNo });
    const payload = {
      partnerId: running.partnerId,
      accountNo,
      custId: CUST_ID,
      brandId: null,
      username: 'new',
      hostName: null,
    };
    await publisher.send([toRecord(accountsAccounts, payload, envelope())]);
    expect((await made).status).toBe(201);
    expect((await running.api('POST', '/endpoints', { agent: 'restic', accountNo: 1 })).status).toBe(404);
  });
});
