import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type OutgoingRecord, PublishError } from '@backhaul/messaging';
import { eventually, testDatabase, type TestDatabase } from '@backhaul/testing';
import { PERSISTENCE_MIGRATIONS } from '../migrations.js';
import { UnitOfWork } from '../unit-of-work.js';
import { RelayLeases } from './leases.js';
import { OutboxSource } from './outbox-source.js';
import { bucketOf, type OutboxMessage, publishAll } from './publish.js';
import { Relay } from './relay.js';

const message = (key: string, value: string): OutboxMessage => ({
  id: randomUUID(),
  topic: 't',
  key,
  value,
  headers: {},
});

class RecordingPublisher {
  readonly sent: OutgoingRecord[] = [];
  refuses: (record: OutgoingRecord) => Error | null = () => null;

  async send(records: OutgoingRecord[]): Promise<void> {
    for (const record of records) {
      const error = this.refuses(record);
      if (error) throw error;
    }
    this.sent.push(...records);
  }

  valuesOf(key: string): (string | null)[] {
    return this.sent.filter((record) => record.key === key).map((record) => record.value);
  }
}

describe('Relay', () => {
  let database: TestDatabase;
  let unitOfWork: UnitOfWork;
  let publisher: RecordingPublisher;
  const relays: Relay[] = [];

  beforeAll(async () => {
    database = await testDatabase({ migrations: PERSISTENCE_MIGRATIONS });
    unitOfWork = new UnitOfWork(database.dataSource);
  });
  afterAll(async () => {
    await Promise.all(relays.map((relay) => relay.stop()));
    await database.close();
  });
  beforeEach(async () => {
    await Promise.all(relays.splice(0).map((relay) => relay.stop()));
    await database.dataSource.query(
      "TRUNCATE outbox, dead_letter, relay_member; UPDATE relay_lease SET owner = NULL, expires_at = '-infinity'",
    );
    publisher = new RecordingPublisher();
  });

  function startRelay(leaseTtlMs = 15_000): Relay {
    const source = new OutboxSource(database.dataSource);
    const relay = new Relay({ dataSource: database.dataSource, source, publisher, leaseTtlMs, idleMs: 10 });
    relays.push(relay);
    relay.start();
    return relay;
  }
  const put = (...messages: OutboxMessage[]) => unitOfWork.run((tx) => publishAll(tx, messages));
  const left = async () => (await unitOfWork.query('SELECT id FROM outbox')).length;

  it('loses nothing and keeps the order of each key while many transactions commit and two relays run', async () => {
    startRelay(300);
    startRelay(300);
    const keys = Array.from({ length: 8 }, (_, n) => `key-${n}`);
    await Promise.all(
      keys.map(async (key) => {
        for (let n = 0; n < 25; n += 1) await put(message(key, String(n)));
      }),
    );
    await eventually(async () => expect(await left()).toBe(0));
    for (const key of keys)
      expect([...new Set(publisher.valuesOf(key))]).toEqual(Array.from({ length: 25 }, (_, n) => String(n)));
  });

  it('publishes a row of a transaction that began early and committed late', async () => {
    const early = database.dataSource.createQueryRunner();
    await early.startTransaction();
    await early.query(
      "INSERT INTO outbox (id, bucket, topic, key, headers, payload) VALUES ($1, 3, 't', 'slow', '{}', 'early')",
      [randomUUID()],
    );
    startRelay();
    await put(message('fast', 'late'));
    await eventually(() => expect(publisher.valuesOf('fast')).toEqual(['late']));
    await early.commitTransaction();
    await early.release();
    await eventually(() => expect(publisher.valuesOf('slow')).toEqual(['early']));
  });

  it('lets a frozen owner that wakes up remove nothing', async () => {
    const zombie = new RelayLeases(database.dataSource, randomUUID(), 1);
    const stale = await zombie.refresh();
    const heir = new RelayLeases(database.dataSource, randomUUID(), 60_000);
    await eventually(async () => expect((await heir.refresh()).size).toBe(64));
    await put(message('a', '1'));
    const source = new OutboxSource(database.dataSource);
    const rows = await source.read([bucketOf('a')], 10);
    await source.advance(stale, rows);
    expect(stale.size).toBe(64);
    expect(await left()).toBe(1);
    await source.advance(await heir.refresh(), rows);
    expect(await left()).toBe(0);
  });

  it('shares the buckets when a second relay joins and takes them back when it leaves', async () => {
    const first = new RelayLeases(database.dataSource, randomUUID(), 60_000);
    const second = new RelayLeases(database.dataSource, randomUUID(), 60_000);
    expect((await first.refresh()).size).toBe(64);
    await second.refresh();
    expect((await first.refresh()).size).toBe(32);
    expect((await second.refresh()).size).toBe(32);
    await second.release();
    expect((await first.refresh()).size).toBe(64);
  });

  it('stops only the bucket that fails, and sends its rows in order once it works again', async () => {
    let isDown = true;
    publisher.refuses = ({ key }) => (isDown && key === 'bad' ? new Error('no leader') : null);
    await put(message('bad', '1'), message('bad', '2'), message('good', '1'));
    expect(bucketOf('bad')).not.toBe(bucketOf('good'));
    startRelay();
    await eventually(() => expect(publisher.valuesOf('good')).toEqual(['1']));
    expect(publisher.valuesOf('bad')).toEqual([]);
    isDown = false;
    await eventually(() => expect(publisher.valuesOf('bad')).toEqual(['1', '2']));
  });

  it('sets aside a row that Kafka can never take, with its reason, and goes on', async () => {
    const tooLarge = Object.assign(new Error('too large'), { type: 'MESSAGE_TOO_LARGE' });
    publisher.refuses = ({ value }) => (value === 'huge' ? new PublishError(tooLarge) : null);
    await put(message('k', '1'), message('k', 'huge'), message('k', '3'));
    startRelay();
    await eventually(() => expect(publisher.valuesOf('k')).toEqual(['1', '3']));
    const letters = "SELECT convert_from(value, 'UTF8') AS payload, class, reason, topic FROM dead_letter";
    expect(await unitOfWork.query(letters)).toEqual([
      { payload: 'huge', class: 'unsent', reason: 'too large', topic: 't' },
    ]);
  });

  it('lets a frozen owner that wakes up set nothing aside', async () => {
    const zombie = new RelayLeases(database.dataSource, randomUUID(), 1);
    const stale = await zombie.refresh();
    const heir = new RelayLeases(database.dataSource, randomUUID(), 60_000);
    await eventually(async () => expect((await heir.refresh()).size).toBe(64));
    await put(message('a', 'huge'));
    const source = new OutboxSource(database.dataSource);
    const [row] = await source.read([bucketOf('a')], 10);
    if (!row) throw new Error('nothing to refuse');
    await source.refuse(stale, row, 'too large');
    expect([await left(), await unitOfWork.query('SELECT 1 FROM dead_letter')]).toEqual([1, []]);
    await source.refuse(await heir.refresh(), row, 'too large');
    expect([await left(), await unitOfWork.query('SELECT 1 AS n FROM dead_letter')]).toEqual([0, [{ n: 1 }]]);
  });
});
