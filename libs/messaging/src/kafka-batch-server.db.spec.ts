import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import { eventually, testKafka, type TestKafka } from '@backhaul/testing';
import { accountsPartners, deadLetterTopic, KafkaBatchServer, PoisonError, Publisher } from './index.js';
import { consume, type Handle, moduleOf, namesOf, partnerRecord, readAll } from './testing/system.js';

const patient = { timeoutMs: 30_000 };

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
    const first = await consume(kafka, async (batch) => void seen.push(...namesOf(batch)));
    const names = Array.from({ length: 50 }, (_, i) => `n${i}`);
    await publisher.send(names.map((name) => partnerRecord(name, 'one-key')));
    await publisher.send([{ ...partnerRecord('gone', 'one-key'), value: null }]);
    await eventually(() => expect(seen).toEqual([...names, null]), patient);
    await first.close();

    const again: (string | null)[] = [];
    const second = await consume(kafka, async (batch) => void again.push(...namesOf(batch)));
    await publisher.send([partnerRecord('after restart', 'one-key')]);
    await eventually(() => expect(again).toEqual(['after restart']), patient);
    await second.close();
  });

  it('sets aside what cannot be read or taken, byte for byte, and handles all the rest', async () => {
    // Of its own: every group reads from the beginning, and what is broken would reach the others too.
    const kafka = await testKafka();
    const publisher = new Publisher(kafka.kafka, { prefix: kafka.prefix });
    const seen: (string | null)[] = [];
    const reasons: string[] = [];
    const handle: Handle = async (batch) => {
      if (namesOf(batch).includes('poison')) throw new PoisonError('this one never works');
      seen.push(...namesOf(batch));
    };
    const observe = { deadLettered: (_topic: string, reason: string) => void reasons.push(reason) };
    const app = await consume(kafka, handle, { groupId: 'poison', observe });
    const letters = await readAll(kafka.kafka, kafka.prefix + deadLetterTopic('ingestion'));
    const bytes = Buffer.from([0x7b, 0xff, 0x00, 0xfe]);
    const header = Buffer.from([0xc3, 0x28]);
    const good = Array.from({ length: 20 }, (_, i) => partnerRecord(`good${i}`, 'k'));
    const wrong = { ...partnerRecord('x', 'k'), value: '{"partnerId":"no uuid","name":1}' };
    await publisher.send(good.slice(0, 7));
    const envelope = partnerRecord('x').headers;
    await publisher.sendRaw(kafka.prefix + accountsPartners.name, {
      key: Buffer.from('k'),
      value: bytes,
      headers: { ...envelope, odd: header },
    });
    await publisher.send([partnerRecord('poison', 'k'), ...good.slice(7), wrong]);
    await eventually(() => expect(letters.seen).toHaveLength(3), patient);
    const byClass = new Map(letters.seen.map((letter) => [String(letter.headers?.['dead-class']), letter]));
    expect([...byClass.keys()].sort()).toEqual(['decode', 'invariant', 'schema']);
    expect(reasons.sort()).toEqual(['decode', 'invariant', 'schema']);
    expect(byClass.get('decode')?.value).toEqual(bytes);
    expect(byClass.get('decode')?.headers?.['odd']).toEqual(header);
    expect(String(byClass.get('schema')?.value)).toBe(wrong.value);
    const goods = () => seen.filter((name) => name?.startsWith('good'));
    await eventually(() => expect(goods()).toEqual(good.map((_, i) => `good${i}`)));
    await letters.close();
    await app.close();
    await publisher.close();
    await kafka.close();
  }, 60_000);

  it('lets a partition rest in an outage while the others go on; nothing is set aside, nothing is lost', async () => {
    let isDown = true;
    let downPartition: number | null = null;
    const seen = new Map<number, string[]>([[0, []], [1, []], [2, []], [3, []]]); // prettier-ignore
    const letters: string[] = [];
    const handle: Handle = async (batch) => {
      const mine = batch.filter(({ payload }) => payload?.name.startsWith('rest'));
      const [first] = mine;
      if (!first) return;
      downPartition ??= first.partition;
      if (isDown && mine.some(({ partition }) => partition === downPartition))
        throw new Error('connection refused');
      for (const { partition, payload } of mine) seen.get(partition)?.push(payload?.name ?? '');
    };
    const observe = { deadLettered: (_topic: string, reason: string) => void letters.push(reason) };
    const more = { groupId: 'outage', observe, triesInPlace: 1, restMs: 300, sessionTimeoutMs: 6000 };
    const app = await consume(kafka, handle, more);
    const send = (round: number) =>
      publisher.send(Array.from({ length: 40 }, (_, i) => partnerRecord(`rest${round}-${i}`)));
    const count = () => [...seen.values()].flat().length;
    await send(0);
    await eventually(() => count() > 0, patient);
    await send(1);
    await eventually(() => [...seen].every(([partition, names]) => partition === downPartition || names.some((name) => name.startsWith('rest1'))), patient); // prettier-ignore
    expect(seen.get(downPartition as unknown as number)).toEqual([]);
    isDown = false;
    await eventually(() => expect(new Set([...seen.values()].flat()).size).toBe(80), patient);
    expect(letters).toEqual([]);
    await app.close();
  }, 60_000);

  it('keeps its place in the group while a handler takes longer than the session', async () => {
    let calls = 0;
    const handle: Handle = async (batch) => {
      if (!namesOf(batch).includes('slow')) return;
      calls += 1;
      const until = performance.now() + 9000;
      await eventually(() => performance.now() > until, { timeoutMs: 15_000, intervalMs: 200 });
    };
    const app = await consume(kafka, handle, { groupId: 'slow', sessionTimeoutMs: 6000 });
    await publisher.send([partnerRecord('slow', 'slow-key')]);
    await eventually(() => expect(calls).toBe(1), patient);
    await app.close();
    const later: (string | null)[] = [];
    const next = await consume(kafka, async (batch) => void later.push(...namesOf(batch)), {
      groupId: 'slow',
    });
    await publisher.send([partnerRecord('after slow', 'slow-key')]);
    await eventually(() => expect(later).toContain('after slow'), patient);
    await next.close();
    expect(calls).toBe(1);
    expect(later).not.toContain('slow');
  }, 60_000);

  it('finishes what it has begun before it closes, and commits it', async () => {
    let hasBegun = false;
    let release: () => void = () => undefined;
    const released = new Promise<void>((done) => (release = done));
    const handle: Handle = async (batch) => {
      if (!namesOf(batch).includes('drain')) return;
      hasBegun = true;
      await released;
    };
    const app = await consume(kafka, handle, { groupId: 'drain' });
    await publisher.send([partnerRecord('drain', 'drain-key')]);
    await eventually(() => hasBegun, patient);
    const closed = app.close();
    release();
    await closed;
    const later: (string | null)[] = [];
    const next = await consume(kafka, async (batch) => void later.push(...namesOf(batch)), {
      groupId: 'drain',
    });
    await publisher.send([partnerRecord('after drain', 'drain-key')]);
    await eventually(() => expect(later).toContain('after drain'), patient);
    expect(later).not.toContain('drain');
    await next.close();
  }, 60_000);

  it('loses nothing while members come and go', async () => {
    const seen = new Set<string | null>();
    const handle: Handle = async (batch) => namesOf(batch).forEach((name) => seen.add(name));
    const join = () => consume(kafka, handle, { groupId: 'storm', chunkSize: 20 });
    const members = [await join()];
    for (let round = 0; round < 4; round += 1) {
      const records = Array.from({ length: 200 }, (_, i) => partnerRecord(`storm${round}-${i}`));
      const [member] = await Promise.all([join(), publisher.send(records)]);
      members.push(member);
      await members.shift()?.close();
    }
    const storm = () => [...seen].filter((name) => name?.startsWith('storm'));
    await eventually(() => expect(storm()).toHaveLength(800), { timeoutMs: 60_000 });
    await Promise.all(members.map((member) => member.close()));
  }, 120_000);

  it('reports a consumer that cannot go on, so that the process ends', async () => {
    const fatal: unknown[] = [];
    const handled = () => {
      throw new TypeError('nothing heals this');
    };
    const more = {
      groupId: 'fatal',
      observe: { handled },
      onFatal: (error: unknown) => void fatal.push(error),
    };
    const app = await consume(kafka, async () => undefined, more);
    await publisher.send([partnerRecord('any')]);
    await eventually(() => expect(fatal).toHaveLength(1), patient);
    await app.close();
  }, 60_000);

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
      /ticketing cannot start: nothing handles accounts.brands.v1; nothing handles accounts.customers.v1/,
    );
    await app.close();
  });
});
