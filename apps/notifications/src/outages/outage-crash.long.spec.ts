import { describe, expect, it, jest } from '@jest/globals';
import type { TicketRequestPayload } from '@backhaul/messaging';
import { crashPoints, eventually, type TestKafka } from '@backhaul/testing';
import { Logger } from '@nestjs/common';
import { defaultsFor } from '../rules/rule-defaults.js';
import { buildKnownEvent, type EventIn } from '../testing/builders.js';
import { crashAtEach, CrashRun } from '../testing/crash-run.js';

// A killed member holds its partitions until Kafka's session timeout of 30 s; what waits does so for a minute.
jest.setTimeout(500_000);
Logger.overrideLogger(false);
const WAIT = { timeoutMs: 180_000, intervalMs: 250 };
const ACCOUNTS = [3000, 3001, 3002];
const RULE = { ...defaultsFor('open_connectwise_ticket'), siteOutage: { accounts: 3, withinMinutes: 1 } };

/** An outage whose ticket a process asks for that dies there; the next one does the rest. */
async function crashAt(point: string, kafka: TestKafka) {
  const run = await CrashRun.start(kafka);
  const requests = new Map<string, TicketRequestPayload>();
  const listener = await run.listen(['ticket.requests.connectwise.v1'], ({ json }) => {
    const request = json as unknown as TicketRequestPayload;
    requests.set(request.requestId, request);
  });
  const publish = (over: EventIn): Promise<void> => {
    const receivedAt = new Date(Date.now() + 500).toISOString();
    return run.publish(ACCOUNTS.map((accountNo) => buildKnownEvent({ accountNo, receivedAt, ...over })));
  };
  const first = await run.run();
  await run.create(first, 'notification-rules', RULE);
  await publish({});
  const waiting = () => run.query('SELECT 1 FROM problem_watch WHERE due_at > now()');
  await eventually(async () => expect(await waiting()).toHaveLength(ACCOUNTS.length), WAIT);
  await first.stop();
  const doomed = await run.run(point);
  const ending = await doomed.exited;
  const last = await run.run();
  try {
    await eventually(() => expect(requests.size).toBe(ACCOUNTS.length), WAIT);
    await publish({ type: 'backup.completed' });
    await eventually(() => expect(requests.size).toBe(ACCOUNTS.length + 1), WAIT);
    await eventually(async () => expect(await run.query('SELECT 1 FROM outbox')).toEqual([]), WAIT);
    const told = [...requests.values()];
    const left = await run.query('SELECT incident_key FROM raised UNION SELECT incident_key FROM problem_watch'); // prettier-ignore
    const tickets = new Set(told.map(({ accountNo, incidentKey }) => `${accountNo} ${incidentKey}`));
    return { ending, tickets: tickets.size, intents: told.map(({ intent }) => intent), left: left.length };
  } finally {
    await last.stop();
    await listener.close();
    await run.close();
  }
}

describe('notifications, killed over a site outage', () => {
  it('asks once for its one ticket, and once for its end', async () => {
    const points = crashPoints(
      ['notifications.outages.after-commit'],
      ['notifications.outages.before-commit'],
    );
    for (const [point, result] of await crashAtEach(points, crashAt))
      expect([point, result]).toEqual([
        point,
        { ending: 'SIGKILL', tickets: 1, intents: ['raise', 'raise', 'raise', 'resolve'], left: 0 },
      ]);
  });
});
