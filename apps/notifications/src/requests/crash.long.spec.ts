import { describe, expect, it, jest } from '@jest/globals';
import { crashPoints, eventually, type TestKafka } from '@backhaul/testing';
import { Logger } from '@nestjs/common';
import { buildKnownEvent } from '../testing/builders.js';
import { crashAtEach, CrashRun } from '../testing/crash-run.js';
import { defaultsFor } from '../rules/rule-defaults.js';

// A killed member holds its partitions until Kafka's session timeout of 30 s.
jest.setTimeout(180_000);
Logger.overrideLogger(false);
const TOPICS = ['notification.decisions.v1', 'ticket.requests.connectwise.v1'];
const EVENTS = 40;

/** Kills the service at that point while it works, starts it again, and answers what reached Kafka. */
async function crashAt(point: string, kafka: TestKafka) {
  const run = await CrashRun.start(kafka);
  const ids = new Map(TOPICS.map((topic) => [topic, new Set<string>()]));
  const listener = await run.listen(TOPICS, ({ topic, id }) => ids.get(topic)?.add(id));
  const doomed = await run.run(point);
  await run.create(doomed, 'notification-rules', defaultsFor('open_connectwise_ticket'));
  const at = Date.now() + 1000;
  const events = Array.from({ length: EVENTS }, (_, index) =>
    buildKnownEvent({
      job: `job ${index}`,
      accountNo: 2000 + (index % 7),
      receivedAt: new Date(at + index).toISOString(),
    }),
  );
  await run.publish(events);
  const ending = await doomed.exited;
  const service = await run.run();
  const countOf = async (table: string): Promise<number> =>
    (await run.query(`SELECT 1 FROM ${table}`)).length;
  try {
    const unique = () => TOPICS.map((topic) => ids.get(topic)?.size);
    await eventually(() => expect(unique()).toEqual([EVENTS, EVENTS]), {
      timeoutMs: 90_000,
      intervalMs: 250,
    });
    await eventually(async () => expect(await countOf('outbox')).toBe(0));
    return { ending, unique: unique(), inbox: await countOf('inbox'), raised: await countOf('raised') };
  } finally {
    await service.stop();
    await listener.close();
    await run.close();
  }
}

describe('notifications, killed while it works', () => {
  it('loses no event and acts on none twice, wherever the kill -9 falls', async () => {
    const points = crashPoints(
      ['notifications.apply.after-commit', 'relay.after-send'],
      ['notifications.apply.before-commit'],
    );
    for (const [point, result] of await crashAtEach(points, crashAt))
      expect([point, result]).toEqual([
        point,
        { ending: 'SIGKILL', unique: [EVENTS, EVENTS], inbox: EVENTS, raised: EVENTS },
      ]);
  });
});
