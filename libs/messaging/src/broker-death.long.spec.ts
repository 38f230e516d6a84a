import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { eventually, type OwnServer, startOwnKafka } from '@backhaul/testing';
import { createKafka, ensureTopics, Publisher, PublishError } from './index.js';
import { consume, type Handle, namesOf, partnerRecord, readAll } from './testing/system.js';

describe('a broker that dies', () => {
  let server: OwnServer;
  beforeAll(async () => {
    // kafkajs tells every refused connection.
    Logger.overrideLogger(false);
    server = await startOwnKafka();
  }, 120_000);
  afterAll(() => server.stop());

  it('takes no acknowledged record with it, and nothing is called published that is not there', async () => {
    const kafka = createKafka({ brokers: [server.address], clientId: 'dying' });
    await ensureTopics(kafka);
    const publisher = new Publisher(kafka);
    const seen: (string | null)[] = [];
    const handle: Handle = async (batch) => void seen.push(...namesOf(batch));
    const app = await consume({ kafka, prefix: '' }, handle, { sessionTimeoutMs: 6000 });
    const acknowledged: string[] = [];
    let isOver = false;
    const publish = async () => {
      for (let i = 0; !isOver; i += 1) {
        const name = `n${i}`;
        await publisher.send([partnerRecord(name, 'one-key')]).then(
          () => acknowledged.push(name),
          (error: unknown) => expect(error).toBeInstanceOf(PublishError),
        );
      }
    };
    const publishing = publish();
    await eventually(() => seen.length > 50, { timeoutMs: 30_000 });
    await server.kill();
    await expect(publisher.send([partnerRecord('while down')])).rejects.toThrow(PublishError);
    const before = acknowledged.length;
    await server.restart();
    await eventually(() => acknowledged.length > before + 20, { timeoutMs: 90_000, intervalMs: 200 });
    isOver = true;
    await publishing;
    await eventually(() => expect(seen).toEqual(expect.arrayContaining(acknowledged)), { timeoutMs: 90_000 });
    const stored = await readAll(kafka, 'accounts.partners.v1');
    await eventually(() => {
      const names = stored.seen.map(({ value }) => (JSON.parse(String(value)) as { name: string }).name);
      expect(names).toEqual(expect.arrayContaining(acknowledged));
    });
    await stored.close();
    await app.close();
    await publisher.close();
  }, 240_000);
});
