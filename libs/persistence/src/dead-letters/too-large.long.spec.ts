import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { type PartnerId, uuidv7, wholePartner } from '@backhaul/domain';
import { NO_REPLAYER, Publisher } from '@backhaul/messaging';
import { eventually, testDatabase, type TestDatabase, testKafka, type TestKafka } from '@backhaul/testing';
import { outboxAuditTrail } from '../audit/audit-trail.js';
import { PERSISTENCE_MIGRATIONS } from '../migrations.js';
import { OutboxSource } from '../outbox/outbox-source.js';
import { publishAll } from '../outbox/publish.js';
import { Relay } from '../outbox/relay.js';
import { UnitOfWork } from '../unit-of-work.js';
import { DeadLetterDesk } from './dead-letter-desk.js';
import { DeadLetterRepository } from './dead-letter.repository.js';

jest.setTimeout(120_000);
const OURS = uuidv7(1) as PartnerId;
const ours = wholePartner(OURS);
const TOPIC = 'ticket.requests.connectwise.v1';
/** The number of a topic among what Kafka has settings of. */
const TOPIC_SETTINGS = 2;

let kafka: TestKafka;
let database: TestDatabase;
beforeAll(async () => {
  [kafka, database] = await Promise.all([testKafka(), testDatabase({ migrations: PERSISTENCE_MIGRATIONS })]);
});
afterAll(() => Promise.all([kafka.close(), database.close()]));

async function takesMore(): Promise<void> {
  const admin = kafka.kafka.admin();
  await admin.connect();
  const configEntries = [{ name: 'max.message.bytes', value: String(4 * 1024 * 1024) }];
  const name = kafka.prefix + TOPIC;
  await admin.alterConfigs({ validateOnly: false, resources: [{ type: TOPIC_SETTINGS, name, configEntries }] }); // prettier-ignore
  await admin.disconnect();
}

it('a message that its topic finds too large is set aside, and leaves by a replay once the topic takes it', async () => {
  const { dataSource } = database;
  const unitOfWork = new UnitOfWork(dataSource);
  const letters = new DeadLetterRepository(unitOfWork, { customers: 'none', brands: 'none' });
  const desk = new DeadLetterDesk({ unitOfWork, letters, replayer: NO_REPLAYER, audit: outboxAuditTrail, scrub: String }); // prettier-ignore
  const publisher = new Publisher(kafka.kafka, { prefix: kafka.prefix });
  const relay = new Relay({ dataSource, source: new OutboxSource(dataSource), publisher, idleMs: 20 });
  const seen = new Map<string, string>();
  const reader = kafka.kafka.consumer({ groupId: `${kafka.prefix}reader` });
  await reader.connect();
  await reader.subscribe({ topics: [kafka.prefix + TOPIC], fromBeginning: true });
  await reader.run({
    eachMessage: async ({ message }) => void seen.set(String(message.headers?.['id']), String(message.value)),
  });
  const write = (incidentKey: string, message: string) => {
    const id = randomUUID();
    const value = JSON.stringify({ accountNo: 80202028, custId: 34826, incidentKey, message });
    const headers = { id, 'partner-id': OURS };
    return { id, topic: TOPIC, key: '80202028', value, headers };
  };
  const [large, small] = [write('a', 'x'.repeat(1_500_000)), write('b', 'small')];
  await unitOfWork.run((tx) => publishAll(tx, [large, small]));
  relay.start();
  const stateIs = (state: string) =>
    eventually(async () => expect(await desk.find(ours, large.id)).toMatchObject({ class: 'unsent', state }));
  try {
    await eventually(() => expect(seen.has(small.id)).toBe(true), { timeoutMs: 30_000 });
    await stateIs('waiting');
    const once = { isGroup: false, isDryRun: false };
    expect((await desk.replay(ours, large.id, once))?.items[0]).toMatchObject({ result: 'replayed' });
    await stateIs('waiting');
    await takesMore();
    await eventually(
      async () => {
        if ((await desk.find(ours, large.id))?.state === 'waiting') await desk.replay(ours, large.id, once);
        return seen.get(large.id) === large.value;
      },
      { timeoutMs: 30_000 },
    );
    await stateIs('replayed');
  } finally {
    await relay.stop();
    await publisher.close();
    await reader.disconnect();
  }
});
