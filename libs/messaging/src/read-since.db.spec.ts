import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testKafka, type TestKafka } from '@backhaul/testing';
import { accountsPartners, Publisher, readSince } from './index.js';
import { partnerRecord } from './testing/system.js';

describe('reading a topic from a moment on', () => {
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

  async function read(fromMs: number, onName: (name: string) => void = () => undefined) {
    const names: string[] = [];
    const unreadable = await readSince({
      kafka: kafka.kafka,
      prefix: kafka.prefix,
      topic: accountsPartners,
      fromMs,
      onRecords: async (records) => {
        for (const { payload } of records) {
          names.push(payload?.name ?? 'deleted');
          onName(payload?.name ?? 'deleted');
        }
      },
    });
    return { names, unreadable };
  }

  /** Kafka's own time of the newest record: whatever comes a millisecond later is newer. */
  async function timeAfterAll(): Promise<number> {
    const sentBy = Date.now();
    while (Date.now() === sentBy) await new Promise(setImmediate);
    return Date.now();
  }

  it('ends at once where there is nothing', async () => {
    expect(await read(0)).toEqual({ names: [], unreadable: 0 });
  });

  it('reads what came since, in the order of each key, counts what is no record, and ends', async () => {
    await publisher.send(Array.from({ length: 50 }, (_, i) => partnerRecord(`old${i}`, `key${i}`)));
    const since = await timeAfterAll();
    await publisher.send(Array.from({ length: 300 }, (_, i) => partnerRecord(`new${i}`, `key${i % 7}`)));
    await publisher.send([{ ...partnerRecord('x', 'key1'), value: 'not json' }]);
    const { names, unreadable } = await read(since);
    expect(unreadable).toBe(1);
    expect(names.toSorted()).toEqual(Array.from({ length: 300 }, (_, i) => `new${i}`).toSorted());
    const ofOneKey = names.filter((name) => Number(name.slice(3)) % 7 === 3);
    expect(ofOneKey).toEqual(ofOneKey.toSorted((a, b) => Number(a.slice(3)) - Number(b.slice(3))));
    expect((await read(0)).names).toHaveLength(350);
    expect((await read(await timeAfterAll())).names).toEqual([]);
  }, 60_000);

  it('fails where the records cannot be taken', async () => {
    const refuse = (): void => {
      throw new Error('no room');
    };
    await expect(read(0, refuse)).rejects.toThrow('no room');
  }, 60_000);
});
