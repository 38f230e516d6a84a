import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually, testKafka, type TestKafka } from '@backhaul/testing';
import { accountsPartners, CompactedTable, Publisher } from './index.js';
import { partnerRecord } from './testing/system.js';

describe('a compacted topic as a table', () => {
  let kafka: TestKafka;
  let publisher: Publisher;
  const open: CompactedTable<object>[] = [];
  beforeAll(async () => {
    kafka = await testKafka();
    publisher = new Publisher(kafka.kafka, { prefix: kafka.prefix });
  }, 60_000);
  afterAll(async () => {
    await Promise.all(open.map((table) => table.close()));
    await publisher.close();
    await kafka.close();
  });

  async function start() {
    const table = new CompactedTable({ kafka: kafka.kafka, topic: accountsPartners, prefix: kafka.prefix });
    open.push(table);
    await table.start();
    return table;
  }

  it('is ready at once when the topic is empty', async () => {
    const table = await start();
    await table.whenReady();
    expect(table.size).toBe(0);
  }, 30_000);

  it('holds the newest value of each key once it is ready, in every process, and forgets the deleted', async () => {
    await publisher.send(Array.from({ length: 300 }, (_, i) => partnerRecord(`v${i}`, `key${i % 100}`)));
    await publisher.send([{ ...partnerRecord('gone', 'key7'), value: null }]);
    await publisher.send([{ ...partnerRecord('x', 'key8'), value: 'not json' }]);
    const tables = await Promise.all([start(), start()]);
    for (const table of tables) {
      await table.whenReady();
      expect(table.size).toBe(99);
      expect(table.get('key42')?.name).toBe('v242');
      expect(table.get('key7')).toBeUndefined();
      // What cannot be read changes nothing.
      expect(table.get('key8')?.name).toBe('v208');
    }
  }, 30_000);

  it('follows what changes', async () => {
    const table = await start();
    await publisher.send([partnerRecord('newer', 'key1'), { ...partnerRecord('x', 'key2'), value: null }]);
    await eventually(() =>
      expect([table.get('key1')?.name, table.get('key2')]).toEqual(['newer', undefined]),
    );
  }, 30_000);
});
