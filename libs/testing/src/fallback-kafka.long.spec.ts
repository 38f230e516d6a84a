import { describe, expect, it } from '@jest/globals';
import { createConnection } from 'node:net';
import { eventually, testKafka } from './index.js';

describe('Kafka for tests', () => {
  it('is a broker of its own when none is given, and it ends with the last that uses it', async () => {
    const given = process.env['TEST_KAFKA_BROKERS'];
    delete process.env['TEST_KAFKA_BROKERS'];
    try {
      const kafka = await testKafka();
      expect(kafka.brokers.join()).not.toBe(given);
      const admin = kafka.kafka.admin();
      await admin.connect();
      expect(await admin.listTopics()).toContain(`${kafka.prefix}backup.events.v1`);
      await admin.disconnect();
      await kafka.close();
      const port = Number(kafka.brokers[0]?.split(':')[1]);
      const isRefused = () =>
        new Promise<boolean>((done) => {
          const socket = createConnection(port, '127.0.0.1');
          socket
            .on('error', () => done(true))
            .on('connect', () => {
              socket.destroy();
              done(false);
            });
        });
      await eventually(isRefused, { timeoutMs: 10_000 });
    } finally {
      if (given) process.env['TEST_KAFKA_BROKERS'] = given;
    }
  }, 180_000);
});
