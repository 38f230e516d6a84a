import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { accountsConnections,
  backupEvents, createKafka, deadLetterTopic, KafkaBatchServer, Publisher, type TicketRequestPayload, toRecord,
} from '@backhaul/messaging'; // prettier-ignore
import { OutboxSource, Relay } from '@backhaul/persistence';
import { eventually, testKafka, type TestKafka } from '@backhaul/testing';
import { type INestMicroservice, Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../app.module.js';
import { buildKnownEvent } from '../testing/builders.js';
import { delivered, TestSystem } from '../testing/system.js';
import type { KnownEvent } from './event-decision.js';

jest.setTimeout(90_000);
Logger.overrideLogger(false);

let kafka: TestKafka;
let system: TestSystem;
let publisher: Publisher;
const running: { service: INestMicroservice; relay: Relay }[] = [];

beforeAll(async () => {
  [kafka, system] = await Promise.all([testKafka(), TestSystem.start()]);
  publisher = new Publisher(kafka.kafka, { prefix: kafka.prefix });
  await publisher.connect();
  await watch();
});
afterAll(async () => {
  for (const { service, relay } of running) {
    await service.close();
    await relay.stop();
  }
  await watcher?.disconnect();
  await publisher.close();
  await Promise.all([kafka.close(), system.close()]);
});

/** Everything that reaches Kafka, in the order of its partition. */
const seen: { topic: string; key: string; id: string; value: string }[] = [];
let watcher: ReturnType<TestKafka['kafka']['consumer']> | undefined;

async function watch(): Promise<void> {
  watcher = kafka.kafka.consumer({ groupId: `${kafka.prefix}watcher` });
  await watcher.connect();
  const topics = [
    'notification.decisions.v1',
    'ticket.requests.connectwise.v1',
    'sync.requests.connectwise.v1',
    deadLetterTopic('notifications'),
  ].map((topic) => kafka.prefix + topic);
  await watcher.subscribe({ topics, fromBeginning: true });
  await watcher.run({
    eachMessage: async ({ topic, message }) => {
      seen.push({
        topic: topic.slice(kafka.prefix.length),
        key: message.key?.toString() ?? '',
        id: message.headers?.['id']?.toString() ?? '',
        value: message.value?.toString() ?? '',
      });
    },
  });
}

/** One process's worth of the service: consumer and relay. */
async function startService(groupId = 'notifications'): Promise<void> {
  const { dataSource } = system.database;
  const relay = new Relay({ dataSource, source: new OutboxSource(dataSource), publisher, idleMs: 20 });
  const strategy = new KafkaBatchServer({
    kafka: createKafka({ brokers: kafka.brokers, clientId: `test-${groupId}` }),
    service: 'notifications',
    tables: [accountsConnections],
    groupId,
    publisher,
    prefix: kafka.prefix,
  });
  const service = await NestFactory.createMicroservice(AppModule.with({ ...system.parts, relay }), {
    strategy,
    logger: false,
  });
  await service.listen();
  relay.start();
  running.push({ service, relay });
}

async function stopServices(): Promise<void> {
  for (const { service, relay } of running.splice(0)) {
    await service.close();
    await relay.stop();
  }
}

async function send(...events: KnownEvent[]): Promise<void> {
  await publisher.send(
    events.map((event) => {
      const { payload, envelope } = delivered(event);
      return toRecord(backupEvents, payload, envelope);
    }),
  );
}

const decided = (event: KnownEvent) =>
  seen.filter(({ topic, value }) => topic.startsWith('notification.') && value.includes(event.eventId));
const ticketsOf = (accountNo: number) =>
  seen
    .filter(({ topic, key }) => topic === 'ticket.requests.connectwise.v1' && key === String(accountNo))
    .map(({ id, value }) => ({ id, ...(JSON.parse(value) as TicketRequestPayload) }));

describe('backup.events.v1', () => {
  it('turns events into decisions and requests on Kafka, in the order of the account', async () => {
    await system.createRule();
    await startService();
    const events = ['backup.failed', 'backup.completed', 'backup.failed'].map((type) =>
      buildKnownEvent({ type: type as 'backup.failed', accountNo: 1001 }),
    );
    await send(...events);
    await eventually(() => expect(ticketsOf(1001)).toHaveLength(3), { timeoutMs: 30_000 });
    expect(ticketsOf(1001).map(({ intent, eventId }) => [intent, eventId])).toEqual([
      ['raise', events[0]?.eventId],
      ['resolve', events[1]?.eventId],
      ['raise', events[2]?.eventId],
    ]);
    await eventually(() => expect(events.map((event) => decided(event).length)).toEqual([1, 1, 1]));
  });

  it('acts once though Kafka delivers everything again, to a group that has forgotten what it read', async () => {
    const event = buildKnownEvent({ accountNo: 1002 });
    await send(event, event);
    await eventually(() => expect(ticketsOf(1002)).toHaveLength(1));
    await stopServices();
    await startService(`again-${randomUUID()}`);
    const last = buildKnownEvent({ accountNo: 1002, job: 'last' });
    await send(last);
    // Behind it in the partition nothing of the repeat can be left.
    await eventually(() => expect(ticketsOf(1002).at(-1)?.eventId).toBe(last.eventId), { timeoutMs: 30_000 });
    expect(new Set(ticketsOf(1002).map(({ id }) => id)).size).toBe(2);
    expect(ticketsOf(1002)).toHaveLength(2);
    expect(decided(event)).toHaveLength(1);
  });

  it('sets one bad event aside with its reason, and acts on its neighbours', async () => {
    const good = [1, 2, 3].map((n) => buildKnownEvent({ accountNo: 1003, job: `job ${n}` }));
    const bad = { ...buildKnownEvent({ accountNo: 1003 }), type: 'backup.teleported' as never };
    await send(good[0] as KnownEvent, bad, good[1] as KnownEvent, good[2] as KnownEvent);
    await eventually(() => expect(ticketsOf(1003)).toHaveLength(3), { timeoutMs: 30_000 });
    await eventually(() =>
      expect(
        seen.filter(({ topic, value }) => topic.startsWith('dead-letters') && value.includes(bad.eventId)),
      ).toHaveLength(1),
    );
    expect(decided(bad)).toEqual([]);
  });
});
