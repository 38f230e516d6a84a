import { randomBytes } from 'node:crypto';
import { Logger } from '@nestjs/common';
import { createKafka, ensureTopics } from '@backhaul/messaging';
import type { Kafka } from 'kafkajs';
import { GivenServer } from './given-server.js';
import { startOwnKafka } from './own-kafka.js';

export interface TestKafka {
  brokers: string[];
  /** Stands before every topic and group of this suite, so that suites share a broker and nothing else. */
  prefix: string;
  kafka: Kafka;
  close(): Promise<void>;
}

const server = new GivenServer('TEST_KAFKA_BROKERS', startOwnKafka);

/** Topics of the suite's own on a real broker: TEST_KAFKA_BROKERS, else one of its own. */
export async function testKafka(): Promise<TestKafka> {
  const { address, release } = await server.acquire();
  const brokers = address.split(',');
  const prefix = `t${randomBytes(5).toString('hex')}.`;
  // What kafkajs repeats by itself would bury what a test has to say.
  Logger.overrideLogger(['error', 'fatal']);
  const kafka = createKafka({ brokers, clientId: `${prefix}test` });
  await ensureTopics(kafka, { prefix });
  return {
    brokers,
    prefix,
    kafka,
    close: async () => {
      const admin = kafka.admin();
      await admin.connect();
      try {
        const mine = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
        if (mine.length) await admin.deleteTopics({ topics: mine });
      } finally {
        await admin.disconnect();
      }
      await release();
    },
  };
}
