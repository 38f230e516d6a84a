import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import { PRODUCER_RETRY } from './publisher.js';

const load = createRequire(import.meta.url);
const createRetry = load('kafkajs/src/retry') as (options: object) => unknown;
const createSender = load('kafkajs/src/producer/sendMessages') as (
  parts: object,
) => (batch: object) => Promise<unknown>;

type Sent = { topicData: { partitions: { partition: number }[] }[] };

/** Two brokers: the first dies before it answers, and the second, which had answered for its own partition, leads both then. */
function senderWith(retry: object, stored: number[]): (batch: object) => Promise<unknown> {
  let leaderOfFirst = 1;
  const take = ({ topicData }: Sent): object => {
    stored.push(...topicData.flatMap(({ partitions }) => partitions.map(({ partition }) => partition)));
    return { topics: [] };
  };
  const brokers = [
    { nodeId: 1, produce: async () => Promise.reject(Object.assign(new Error('gone'), { name: 'KafkaJSConnectionError', retriable: true })) },
    { nodeId: 2, produce: async (sent: Sent) => take(sent) },
  ]; // prettier-ignore
  const cluster = {
    targetTopics: new Set(['t']),
    addMultipleTargetTopics: async () => undefined,
    refreshMetadataIfNecessary: async () => undefined,
    refreshMetadata: async () => void (leaderOfFirst = 2),
    isConnected: () => true,
    findTopicPartitionMetadata: () => [{ partitionId: 0 }, { partitionId: 1 }],
    findLeaderForPartitions: () => (leaderOfFirst === 1 ? { 1: [0], 2: [1] } : { 2: [0, 1] }),
    findBroker: async ({ nodeId }: { nodeId: string }) => brokers[Number(nodeId) - 1],
  };
  const eosManager = {
    acquireBrokerLock: async () => undefined,
    releaseBrokerLock: async () => undefined,
    isTransactional: () => false,
    getSequence: () => 0,
    updateSequence: () => undefined,
    getProducerId: () => -1,
    getProducerEpoch: () => 0,
  };
  const logger = { debug: () => undefined, error: () => undefined };
  const partitioner = ({ message }: { message: { partition: number } }): number => message.partition;
  return createSender({ logger, cluster, partitioner, eosManager, retrier: createRetry(retry) });
}

const BATCH = {
  acks: -1,
  topicMessages: [{ topic: 't', messages: [0, 1].map((partition) => ({ partition, value: 'x' })) }],
};

describe('a leader that moves while a batch is sent', () => {
  it('loses a record without a word where kafkajs tries again by itself', async () => {
    const stored: number[] = [];
    await senderWith({ initialRetryTime: 1, retries: 4 }, stored)(BATCH);
    expect(stored).toEqual([1]);
  });

  it('is told as a failure by our producer: the whole batch is sent again', async () => {
    const stored: number[] = [];
    const send = senderWith(PRODUCER_RETRY, stored);
    await expect(send(BATCH)).rejects.toThrow('gone');
    await send(BATCH);
    expect(stored).toEqual([1, 0, 1]);
  });
});
