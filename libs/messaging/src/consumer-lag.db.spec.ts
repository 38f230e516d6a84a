import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { eventually, testKafka, type TestKafka } from '@backhaul/testing';
import { ConsumerLag } from './consumer-lag.js';

jest.setTimeout(60_000);
const GROUP = 'lagging';
let kafka: TestKafka;
let topic: string;

beforeAll(async () => {
  kafka = await testKafka();
  topic = `${kafka.prefix}lag`;
  const admin = kafka.kafka.admin();
  await admin.connect();
  // kafkajs does not wait out a broker that has not heard of the topic yet.
  await admin.createTopics({ topics: [{ topic, numPartitions: 3 }], waitForLeaders: false });
  await eventually(() => admin.fetchTopicOffsets(topic));
  await admin.disconnect();
});
afterAll(() => kafka.close());

async function send(partition: number, count: number): Promise<void> {
  const producer = kafka.kafka.producer();
  await producer.connect();
  const messages = Array.from({ length: count }, (_, i) => ({ partition, value: String(i) }));
  await producer.send({ topic, messages });
  await producer.disconnect();
}

it('is the sum over partitions, from Kafka itself, whether anybody reads or not', async () => {
  await send(0, 5);
  await send(2, 7);
  const told: [string, number][] = [];
  const groupId = kafka.prefix + GROUP;
  const lag = new ConsumerLag({
    kafka: kafka.kafka,
    groupId,
    topics: new Map([[topic, 'lag']]),
    tell: (...figure) => void told.push(figure),
    everyMs: 50,
  });
  lag.start();
  await eventually(() => expect(told.at(-1)).toEqual(['lag', 12]));

  const admin = kafka.kafka.admin();
  await admin.connect();
  await admin.setOffsets({ groupId, topic, partitions: [{ partition: 2, offset: '4' }] });
  await eventually(() => expect(told.at(-1)).toEqual(['lag', 8]));
  await admin.disconnect();

  await lag.stop();
  const count = told.length;
  await send(0, 1);
  expect(told).toHaveLength(count);
});
