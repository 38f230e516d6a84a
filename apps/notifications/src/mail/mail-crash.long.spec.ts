import { describe, expect, it, jest } from '@jest/globals';
import { accountsAccounts, mailOutcomes, toRecord } from '@backhaul/messaging';
import { crashPoints, eventually, type TestKafka, TestSmtp } from '@backhaul/testing';
import { Logger } from '@nestjs/common';
import { ACCOUNT, BRAND, buildKnownEvent, CUSTOMER, PARTNER } from '../testing/builders.js';
import { crashAtEach, CrashRun } from '../testing/crash-run.js';
import { defaultsFor } from '../rules/rule-defaults.js';
import { delivered } from '../testing/system.js';

// A killed member holds its partitions until Kafka's session timeout of 30 s.
jest.setTimeout(400_000);
Logger.overrideLogger(false);
const WAIT = { timeoutMs: 180_000, intervalMs: 250 };

/** What was told of the rule's mail: each message once, however often it stands in the topic. */
async function outcomesOf(run: CrashRun): Promise<unknown[]> {
  const told = new Map<string, unknown>();
  const listener = await run.listen([mailOutcomes.name], ({ id, json }) => told.set(id, json['state']));
  await eventually(() => expect(told.size).toBeGreaterThan(0), WAIT);
  await listener.close();
  return [...told.values()];
}

/** Kills the service at that point of its first mail, starts it again; answers what the mailbox holds in the end. */
async function crashAt(point: string, kafka: TestKafka) {
  const smtp = await TestSmtp.start();
  const run = await CrashRun.start(kafka, { SMTP_URL: smtp.url, SMTP_TIMEOUT_S: '5' });
  const doomed = await run.run(point);
  // It asks for the mail that the account's own options ask for as well.
  await run.create(doomed, 'notification-rules', defaultsFor('email'));
  const account = {
    partnerId: PARTNER,
    accountNo: ACCOUNT,
    custId: CUSTOMER,
    brandId: BRAND,
    username: 'acme-fs01',
    hostName: null,
    contact: 'jo@acme.example',
  };
  const event = buildKnownEvent({ receivedAt: new Date().toISOString() });
  await run.publisher.send([toRecord(accountsAccounts, account, delivered(event).envelope)]);
  await eventually(async () => expect(await run.query('SELECT 1 FROM known_account')).toHaveLength(1), WAIT);
  await run.publish([event]);
  const ending = await doomed.exited;
  const service = await run.run();
  try {
    const mails = () => run.query<{ state: string; attempts: number }>('SELECT state, attempts FROM mail');
    await eventually(async () => expect(await mails()).toMatchObject([{ state: 'sent' }]), WAIT);
    const ids = smtp.received.map(({ headers }) => headers.get('message-id'));
    const [mail] = await mails();
    const outcomes = await outcomesOf(run);
    return { ending, attempts: mail?.attempts, copies: ids.length, ids: new Set(ids).size, outcomes };
  } finally {
    await service.stop();
    await smtp.close();
    await run.close();
  }
}

describe('notifications, killed while it mails', () => {
  it('loses no mail and no outcome, and sends one twice only where it died between the 250 and its record, with one Message-ID', async () => {
    const expected: Record<string, { attempts: number; copies: number }> = {
      'notifications.apply.before-commit': { attempts: 1, copies: 1 },
      'notifications.apply.after-commit': { attempts: 1, copies: 1 },
      'mail.before-send': { attempts: 2, copies: 1 },
      'mail.after-send': { attempts: 2, copies: 2 },
      'mail.after-record': { attempts: 1, copies: 1 },
    };
    const points = crashPoints(
      ['notifications.apply.after-commit', 'mail.after-send'],
      ['notifications.apply.before-commit', 'mail.before-send', 'mail.after-record'],
    );
    for (const [point, result] of await crashAtEach(points, crashAt))
      expect([point, result]).toEqual([
        point,
        { ending: 'SIGKILL', ids: 1, outcomes: ['done'], ...expected[point] },
      ]);
  });
});
