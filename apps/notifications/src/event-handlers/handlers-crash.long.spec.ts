import { describe, expect, it, jest } from '@jest/globals';
import { crashPoints, eventually, type TestKafka, TestSmtp } from '@backhaul/testing';
import { Logger } from '@nestjs/common';
import { buildKnownEvent } from '../testing/builders.js';
import { crashAtEach, CrashRun } from '../testing/crash-run.js';
import { TestReceiver } from '../testing/receiver.js';

// A killed member holds its partitions until Kafka's session timeout of 30 s.
jest.setTimeout(400_000);
Logger.overrideLogger(false);
const WAIT = { timeoutMs: 180_000, intervalMs: 250 };

/** Kills the service at that point of a handler's run, starts it again; answers what was run, sent and called in the end. */
async function crashAt(point: string, kafka: TestKafka) {
  const [smtp, receiver] = await Promise.all([TestSmtp.start(), TestReceiver.start()]);
  const run = await CrashRun.start(kafka, {
    SMTP_URL: smtp.url,
    SMTP_TIMEOUT_S: '5',
    EGRESS_ALLOW: '127.0.0.0/8',
    WEBHOOK_TIMEOUT_S: '10',
  });
  const doomed = await run.run(point);
  await run.create(doomed, 'event-handlers', {
    name: 'Tell the desk',
    source: { kind: 'event', severities: ['ERROR'] },
    actions: [
      { kind: 'email', to: ['desk@msp.example'] },
      { kind: 'webhook', url: receiver.url },
    ],
  });
  const receivedAt = new Date().toISOString();
  await run.publish([buildKnownEvent({ severity: 'ERROR', receivedAt })]);
  const ending = await doomed.exited;
  const service = await run.run();
  try {
    const states = () => run.query('SELECT kind, state FROM event_handler_action ORDER BY place');
    const done = ['email', 'webhook'].map((kind) => ({ kind, state: 'done' }));
    await eventually(async () => expect(await states()).toEqual(done), WAIT);
    const runs = await run.query('SELECT 1 FROM event_handler_run');
    const mails = smtp.received.map(({ headers }) => headers.get('message-id'));
    const calls = receiver.calls.map(({ headers }) => headers['webhook-id']);
    const ids = [new Set(mails).size, new Set(calls).size];
    return { ending, runs: runs.length, mails: mails.length, calls: calls.length, ids };
  } finally {
    await service.stop();
    await smtp.close();
    receiver.close();
    await run.close();
  }
}

describe('notifications, killed while an event handler runs (F35)', () => {
  it('runs it once and loses nothing; it tells twice only where it died between an answer and its record, with one id', async () => {
    const twice: Record<string, object> = {
      'mail.after-send': { mails: 2 },
      'webhook.after-call': { calls: 2 },
    };
    const points = crashPoints(
      ['notifications.apply.before-commit', 'webhook.after-call'],
      ['notifications.apply.after-commit', 'mail.after-send'],
    );
    for (const [point, result] of await crashAtEach(points, crashAt))
      expect([point, result]).toEqual([
        point,
        { ending: 'SIGKILL', runs: 1, mails: 1, calls: 1, ids: [1, 1], ...twice[point] },
      ]);
  });
});
