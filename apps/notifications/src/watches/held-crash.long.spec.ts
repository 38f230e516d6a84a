import { describe, expect, it, jest } from '@jest/globals';
import { crashPoints, eventually, type TestKafka } from '@backhaul/testing';
import { Logger } from '@nestjs/common';
import { defaultsFor } from '../rules/rule-defaults.js';
import { buildKnownEvent } from '../testing/builders.js';
import { crashAtEach, CrashRun } from '../testing/crash-run.js';
import { TestReceiver } from '../testing/receiver.js';

// A killed member holds its partitions until Kafka's session timeout of 30 s.
jest.setTimeout(400_000);
Logger.overrideLogger(false);
const WAIT = { timeoutMs: 180_000, intervalMs: 250 };
const JOBS = ['a', 'b', 'c'];

/** Kills the service at that point, starts it again; answers what a silence held back and what a receiver heard. */
async function crashAt(point: string, kafka: TestKafka) {
  const receiver = await TestReceiver.start();
  const run = await CrashRun.start(kafka, { EGRESS_ALLOW: '127.0.0.0/8', WEBHOOK_TIMEOUT_S: '1' });
  const tickets = new Set<string>();
  const listener = await run.listen(['ticket.requests.connectwise.v1'], ({ id }) => tickets.add(id));
  const doomed = await run.run(point);
  await run.create(doomed, 'notification-rules', defaultsFor('open_connectwise_ticket'));
  const webhook = {
    ...defaultsFor('webhook'),
    webhook: { url: receiver.url },
    scope: { accountNos: [3001] },
  };
  await run.create(doomed, 'notification-rules', webhook);
  const endsAt = new Date(Date.now() + 6000).toISOString();
  await run.create(doomed, 'silences', { reason: 'Soon over', scope: { accountNos: [3000] }, endsAt });
  const receivedAt = new Date(Date.now() + 500).toISOString();
  await run.publish([
    ...JOBS.map((job) => buildKnownEvent({ job, accountNo: 3000, receivedAt })),
    buildKnownEvent({ job: 'told', accountNo: 3001, receivedAt }),
  ]);
  const ending = await doomed.exited;
  const service = await run.run();
  try {
    const states = () => run.query<{ state: string }>('SELECT state FROM webhook_deliveries');
    await eventually(async () => expect(await states()).toEqual([{ state: 'delivered' }]), WAIT);
    // One for each job that was silent, and one for that of the account beside it.
    await eventually(() => expect(tickets.size).toBe(JOBS.length + 1), WAIT);
    await eventually(async () => expect(await run.query('SELECT 1 FROM outbox')).toEqual([]), WAIT);
    const heard = receiver.calls.map(({ headers }) => headers['webhook-id']);
    const raised = await run.query('SELECT 1 FROM raised');
    return { ending, tickets: tickets.size, raised: raised.length, calls: heard.length, ids: new Set(heard).size }; // prettier-ignore
  } finally {
    await service.stop();
    await listener.close();
    receiver.close();
    await run.close();
  }
}

describe('notifications, killed over what it held back and over its calls', () => {
  it('asks once for each ticket, and calls twice only where it died between answer and record, with one id', async () => {
    const calls: Record<string, number> = {
      'notifications.due.before-commit': 1,
      'notifications.due.after-commit': 1,
      'webhook.before-call': 1,
      'webhook.after-call': 2,
    };
    const points = crashPoints(
      ['notifications.due.after-commit', 'webhook.after-call'],
      ['notifications.due.before-commit', 'webhook.before-call'],
    );
    for (const [point, result] of await crashAtEach(points, crashAt))
      expect([point, result]).toEqual([
        point,
        { ending: 'SIGKILL', tickets: JOBS.length + 1, raised: JOBS.length + 1, calls: calls[point], ids: 1 },
      ]);
  });
});
