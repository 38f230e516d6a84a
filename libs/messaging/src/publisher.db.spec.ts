import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setSystemTime } from '@backhaul/domain';
import { eventually, freePort, testKafka, type TestKafka } from '@backhaul/testing';
import { accountsPartners, createKafka, deadLetterTopic, Publisher, PublishError } from './index.js';
import { partnerRecord, readAll } from './testing/system.js';

describe('publishing', () => {
  let kafka: TestKafka;
  beforeAll(async () => {
    kafka = await testKafka();
  }, 60_000);
  afterAll(() => kafka.close());

  it('sends many records in the order of each key, with all their headers', async () => {
    const publisher = new Publisher(kafka.kafka, { prefix: kafka.prefix });
    const records = Array.from({ length: 500 }, (_, i) => partnerRecord(`n${i}`, `key${i % 5}`));
    await publisher.send(records);
    await publisher.send([]);
    const stored = await readAll(kafka.kafka, kafka.prefix + accountsPartners.name);
    await eventually(() => expect(stored.seen).toHaveLength(500));
    for (let k = 0; k < 5; k += 1) {
      const mine = stored.seen
        .filter(({ key }) => String(key) === `key${k}`)
        .map(({ value }) => String(value));
      expect(mine).toEqual(records.filter(({ key }) => key === `key${k}`).map(({ value }) => value));
    }
    const headers = Object.entries(stored.seen[0]?.headers ?? {}).map(([name, value]) => [
      name,
      String(value),
    ]);
    const original = records.find(({ value }) => value === String(stored.seen[0]?.value));
    expect(Object.fromEntries(headers)).toEqual(original?.headers);
    await stored.close();
    await publisher.close();
  }, 30_000);

  it('says so when Kafka cannot be reached, and that trying again may help', async () => {
    const nowhere = createKafka({ brokers: [`127.0.0.1:${await freePort()}`], clientId: 'nowhere' });
    const publisher = new Publisher(nowhere);
    const error: unknown = await publisher.send([partnerRecord('n')]).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PublishError);
    expect((error as PublishError).isPermanent).toBe(false);
    await publisher.close();
  }, 60_000);

  it.each([12, -12])(
    'stamps records with the time of the database, where the machine is %d hours wrong',
    async (hours) => {
      const { now } = Date;
      const sentAt = now();
      setSystemTime({ ms: sentAt, monotonicMs: performance.now() });
      Date.now = () => now() + hours * 3_600_000;
      const publisher = new Publisher(kafka.kafka, { prefix: kafka.prefix });
      const name = `wrong by ${hours} hours`;
      const letter = { key: Buffer.from(name), value: null, headers: {} };
      try {
        await publisher.send([partnerRecord(name, name)]);
        await publisher.sendRaw(kafka.prefix + deadLetterTopic('ingestion'), letter);
      } finally {
        Date.now = now;
        setSystemTime(null);
        await publisher.close();
      }
      for (const topic of [accountsPartners.name, deadLetterTopic('ingestion')]) {
        const stored = await readAll(kafka.kafka, kafka.prefix + topic);
        const at = await eventually(
          () => stored.seen.find(({ key }) => String(key) === name)?.timestamp ?? false,
        );
        expect(Math.abs(Number(at) - sentAt)).toBeLessThan(60_000);
        await stored.close();
      }
    },
    30_000,
  );

  it('calls a record that Kafka will never take permanent', async () => {
    const publisher = new Publisher(kafka.kafka, { prefix: kafka.prefix });
    const error: unknown = await publisher
      .send([partnerRecord('x'.repeat(2 * 1024 * 1024))])
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PublishError);
    expect((error as PublishError).isPermanent).toBe(true);
    await publisher.close();
  }, 60_000);
});
