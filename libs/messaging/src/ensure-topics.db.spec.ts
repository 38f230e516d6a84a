import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { testKafka, type TestKafka } from '@backhaul/testing';
import kafkajs, { type Admin } from 'kafkajs';
import { ensureTopics, TOPICS } from './index.js';

describe('creating the topics of the catalogue', () => {
  let kafka: TestKafka;
  let admin: Admin;
  beforeAll(async () => {
    kafka = await testKafka();
    admin = kafka.kafka.admin();
    await admin.connect();
  }, 60_000);
  afterAll(async () => {
    await admin.disconnect();
    await kafka.close();
  });

  const namesOf = async (prefix: string) =>
    (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));

  it('creates all of them once, however many services start at the same time', async () => {
    const prefix = `${kafka.prefix}together.`;
    await Promise.all(Array.from({ length: 5 }, () => ensureTopics(kafka.kafka, { prefix })));
    await ensureTopics(kafka.kafka, { prefix });
    const names = await namesOf(prefix);
    expect(names).toHaveLength(new Set(names).size);
    for (const topic of TOPICS) expect(names).toContain(prefix + topic.name);
    expect(names).toContain(`${prefix}dead-letters.ticketing.v1`);
  }, 60_000);

  it('gives each its partitions, its compaction and its retention', async () => {
    const { topics } = await admin.fetchTopicMetadata({
      topics: TOPICS.map(({ name }) => kafka.prefix + name),
    });
    const found = new Map(topics.map(({ name, partitions }) => [name, partitions.length]));
    for (const topic of TOPICS) expect(found.get(kafka.prefix + topic.name)).toBe(topic.partitions);
    const configOf = async (name: string) => {
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: kafka.prefix + name }],
      });
      return Object.fromEntries(
        resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue]) ?? [],
      );
    };
    expect(await configOf('accounts.api-keys.v1')).toMatchObject({ 'cleanup.policy': 'compact' });
    expect(await configOf('backup.events.v1')).toMatchObject({
      'cleanup.policy': 'delete',
      'retention.ms': '1209600000',
    });
    expect(await configOf('audit.heads.v1')).toMatchObject({
      'cleanup.policy': 'delete',
      'retention.ms': '-1',
    });
    expect(await configOf('dead-letters.ingestion.v1')).toMatchObject({
      'retention.ms': '7776000000',
      'max.message.bytes': '2097152',
    });
  });

  it('refuses a topic that somebody made with other partitions, and names it', async () => {
    const prefix = `${kafka.prefix}other.`;
    await admin.createTopics({
      waitForLeaders: false,
      topics: [{ topic: `${prefix}backup.events.v1`, numPartitions: 3 }],
    });
    await expect(ensureTopics(kafka.kafka, { prefix })).rejects.toThrow(
      /other\.backup\.events\.v1 has 3, its contract says 12/,
    );
  }, 60_000);
});
