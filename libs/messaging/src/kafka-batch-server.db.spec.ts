import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Controller, type INestMicroservice, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { eventually, type OwnServer, startOwnKafka, testKafka, type TestKafka } from '@backhaul/testing';
import type { Kafka } from 'kafkajs';
import {
  accountsPartners,
  createKafka,
  type Delivered,
  ensureTopics,
  KafkaBatchServer,
  type KafkaBatchServerOptions,
  OnTopic,
  type PartnerPayload,
  PoisonError,
  Publisher,
  toRecord,
} from './index.js';

type Handle = (batch: Delivered<PartnerPayload>[]) => Promise<void>;

function moduleOf(handle: Handle): Type {
  @Controller()
  class Partners {
    @OnTopic(accountsPartners)
    async onPartners(batch: Delivered<PartnerPayload>[]): Promise<void> {
      await handle(batch);
    }
  }
  @Module({ controllers: [Partners] })
  class App {}
  return App;
}

async function consume(
  kafka: Kafka,
  prefix: string,
  handle: Handle,
  more: Partial<KafkaBatchServerOptions> = {},
): Promise<INestMicroservice> {
  const publisher = new Publisher(kafka, { prefix });
  const strategy = new KafkaBatchServer({
    kafka,
    service: 'ingestion',
    groupId: 'conformance',
    prefix,
    publisher,
    topics: [accountsPartners],
    ...more,
  });
  const app = await NestFactory.createMicroservice(moduleOf(handle), { strategy, logger: false });
  await app.listen();
  return app;
}

const partner = (name: string): PartnerPayload => ({ partnerId: randomUUID(), name, isSuspended: false });
const record = (payload: PartnerPayload, key = payload.partnerId) =>
  toRecord(
    accountsPartners,
    payload,
    {
      id: randomUUID(),
      occurredAt: '2026-11-21T00:00:00.000Z',
      partnerId: payload.partnerId,
      correlationId: randomUUID(),
      causationId: null,
    },
    key,
  );

async function deadLetters(kafka: Kafka, prefix: string) {
  const seen: { value: string; headers: Record<string, string> }[] = [];
  const consumer = kafka.consumer({ groupId: `${prefix}reader-${randomUUID()}` });
  await consumer.connect();
  await consumer.subscribe({ topics: [`${prefix}dead-letters.ingestion.v1`], fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message }) => {
      const headers = Object.fromEntries(
        Object.entries(message.headers ?? {}).map(([name, value]) => [name, String(value)]),
      );
      seen.push({ value: String(message.value), headers });
    },
  });
  return { seen, close: () => consumer.disconnect() };
}

describe('the batch transport on a real broker', () => {
  let kafka: TestKafka;
  let publisher: Publisher;
  beforeAll(async () => {
    kafka = await testKafka();
    publisher = new Publisher(kafka.kafka, { prefix: kafka.prefix });
  }, 60_000);
  afterAll(async () => {
    await publisher.close();
    await kafka.close();
  });

  it('delivers in order per key, hands tombstones over as null, and goes on where it stopped', async () => {
    const seen: (string | null)[] = [];
    const first = await consume(
      kafka.kafka,
      kafka.prefix,
      async (batch) => void seen.push(...batch.map((d) => d.payload?.name ?? null)),
    );
    const names = Array.from({ length: 50 }, (_, i) => `n${i}`);
    await publisher.send(names.map((name) => record(partner(name), 'one-key')));
    await publisher.send([{ ...record(partner('gone'), 'one-key'), value: null }]);
    await eventually(() => expect(seen).toEqual([...names, null]), { timeoutMs: 20_000 });
    await first.close();

    const again: (string | null)[] = [];
    const second = await consume(
      kafka.kafka,
      kafka.prefix,
      async (batch) => void again.push(...batch.map((d) => d.payload?.name ?? null)),
    );
    await publisher.send([record(partner('after restart'), 'one-key')]);
    await eventually(() => expect(again).toEqual(['after restart']), { timeoutMs: 20_000 });
    await second.close();
  });

  it('sets aside what cannot be read or taken, byte for byte, and handles all the rest', async () => {
    const seen: string[] = [];
    const app = await consume(
      kafka.kafka,
      kafka.prefix,
      async (batch) => {
        if (batch.some((d) => d.payload?.name === 'poison')) throw new PoisonError('this one never works');
        seen.push(...batch.map((d) => d.payload?.name ?? ''));
      },
      { groupId: 'poison' },
    );
    const letters = await deadLetters(kafka.kafka, kafka.prefix);
    const broken = { ...record(partner('x'), 'k'), value: '{"partnerId": broken' };
    const wrong = { ...record(partner('x'), 'k'), value: '{"partnerId":"no uuid","name":1}' };
    const good = Array.from({ length: 20 }, (_, i) => record(partner(`good${i}`), 'k'));
    await publisher.send([
      ...good.slice(0, 7),
      broken,
      record(partner('poison'), 'k'),
      ...good.slice(7),
      wrong,
    ]);
    await eventually(() => expect(letters.seen).toHaveLength(3), { timeoutMs: 30_000 });
    expect(letters.seen.map((letter) => letter.headers['dead-class']).sort()).toEqual([
      'decode',
      'invariant',
      'schema',
    ]);
    expect(letters.seen.find((letter) => letter.headers['dead-class'] === 'decode')?.value).toBe(
      '{"partnerId": broken',
    );
    await eventually(() => expect(seen.filter((name) => name.startsWith('good'))).toHaveLength(20));
    await letters.close();
    await app.close();
  }, 60_000);

  it('waits an outage out in place: nothing is set aside, nothing is lost', async () => {
    let isDown = true;
    const seen: string[] = [];
    const app = await consume(
      kafka.kafka,
      kafka.prefix,
      async (batch) => {
        if (isDown) throw Object.assign(new Error('connection refused'), { code: 'ECONNREFUSED' });
        seen.push(...batch.map((d) => d.payload?.name ?? ''));
      },
      { groupId: 'outage', observe: { retried: () => void (isDown = false) } },
    );
    await publisher.send([record(partner('after the outage'))]);
    await eventually(() => expect(seen).toContain('after the outage'), { timeoutMs: 20_000 });
    await app.close();
  }, 60_000);

  it('keeps its place in the group while a handler takes longer than the session', async () => {
    let calls = 0;
    const app = await consume(
      kafka.kafka,
      kafka.prefix,
      async (batch) => {
        if (!batch.some((d) => d.payload?.name === 'slow')) return;
        calls += 1;
        await new Promise((done) => setImmediate(done));
        const until = performance.now() + 9000;
        await eventually(() => performance.now() > until, { timeoutMs: 15_000, intervalMs: 200 });
      },
      { groupId: 'slow', sessionTimeoutMs: 6000 },
    );
    await publisher.send([record(partner('slow'))]);
    await eventually(() => expect(calls).toBe(1), { timeoutMs: 20_000 });
    await app.close();
    expect(calls).toBe(1);
  }, 60_000);

  it('loses nothing while members come and go', async () => {
    const seen = new Set<string>();
    const handle: Handle = async (batch) => {
      for (const d of batch) if (d.payload) seen.add(d.payload.name);
    };
    const join = () => consume(kafka.kafka, kafka.prefix, handle, { groupId: 'storm' });
    let members = [await join()];
    for (let round = 0; round < 4; round += 1) {
      await publisher.send(Array.from({ length: 200 }, (_, i) => record(partner(`storm${round}-${i}`))));
      members.push(await join());
      await members.shift()?.close();
    }
    await eventually(() => expect([...seen].filter((name) => name.startsWith('storm'))).toHaveLength(800), {
      timeoutMs: 60_000,
    });
    await Promise.all(members.map((member) => member.close()));
    members = [];
  }, 120_000);

  it('does not start with a topic that nothing handles, and says which', async () => {
    const strategy = new KafkaBatchServer({
      kafka: kafka.kafka,
      service: 'ticketing',
      groupId: 'incomplete',
      prefix: kafka.prefix,
      publisher,
    });
    const app = await NestFactory.createMicroservice(
      moduleOf(async () => undefined),
      { strategy, logger: false },
    );
    await expect(app.listen()).rejects.toThrow(
      /ticketing cannot start: nothing handles accounts.customers.v1/,
    );
    await app.close();
  });
});

describe('a broker that dies', () => {
  let server: OwnServer;
  beforeAll(async () => {
    server = await startOwnKafka();
  }, 90_000);
  afterAll(() => server.stop());

  it('loses nothing and nothing is called published that was not', async () => {
    const kafka = createKafka({ brokers: [server.address], clientId: 'dying' });
    await ensureTopics(kafka);
    const publisher = new Publisher(kafka);
    const seen: string[] = [];
    const app = await consume(
      kafka,
      '',
      async (batch) => void seen.push(...batch.map((d) => d.payload?.name ?? '')),
    );
    await publisher.send([record(partner('before'))]);
    await eventually(() => expect(seen).toContain('before'), { timeoutMs: 20_000 });
    await server.kill();
    await expect(publisher.send([record(partner('while down'))])).rejects.toThrow();
    await server.restart();
    await eventually(() => publisher.send([record(partner('after'))]), {
      timeoutMs: 60_000,
      intervalMs: 500,
    });
    await eventually(() => expect(seen).toContain('after'), { timeoutMs: 60_000 });
    await app.close();
    await publisher.close();
  }, 180_000);
});
