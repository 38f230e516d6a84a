import { randomUUID } from 'node:crypto';
import { Controller, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Kafka, KafkaMessage } from 'kafkajs';
import { accountsPartners, type PartnerPayload } from '../topics/accounts-partners.js';
import type { Delivered } from '../decode.js';
import type { KafkaBatchServerOptions } from '../kafka-batch-options.js';
import { KafkaBatchServer } from '../kafka-batch-server.js';
import { OnTopic } from '../on-topic.js';
import { Publisher } from '../publisher.js';
import { type OutgoingRecord, toRecord } from '../record.js';

export type Batch = Delivered<PartnerPayload>[];
export type Handle = (batch: Batch) => Promise<void>;

export function moduleOf(handle: Handle): Type {
  @Controller()
  class Partners {
    @OnTopic(accountsPartners)
    async onPartners(batch: Batch): Promise<void> {
      await handle(batch);
    }
  }
  @Module({ controllers: [Partners] })
  class App {}
  return App;
}

/** A Nest microservice as an app runs it, taking partners. */
export async function consume(
  { kafka, prefix }: { kafka: Kafka; prefix: string },
  handle: Handle,
  more: Partial<KafkaBatchServerOptions> = {},
): Promise<{ close(): Promise<void> }> {
  const publisher = new Publisher(kafka, { prefix });
  const strategy = new KafkaBatchServer({
    kafka,
    service: 'ingestion',
    groupId: 'conformance',
    prefix,
    publisher,
    topics: [accountsPartners],
    ...more,
  });
  const app = await NestFactory.createMicroservice(moduleOf(handle), { strategy, logger: false });
  await app.listen();
  return {
    close: async () => {
      await app.close();
      await publisher.close();
    },
  };
}

export const namesOf = (batch: Batch): (string | null)[] => batch.map(({ payload }) => payload?.name ?? null);

export function partnerRecord(name: string, key?: string): OutgoingRecord {
  const payload = { partnerId: randomUUID(), name, isSuspended: false };
  const envelope = {
    id: randomUUID(),
    occurredAt: '2026-11-21T00:00:00.000Z',
    partnerId: payload.partnerId,
    correlationId: randomUUID(),
    causationId: null,
  };
  return toRecord(accountsPartners, payload, envelope, key);
}

/** Everything that stands in a topic and comes into it, as Kafka holds it. */
export async function readAll(kafka: Kafka, topic: string) {
  const seen: KafkaMessage[] = [];
  const consumer = kafka.consumer({ groupId: `reader-${randomUUID()}`, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({ eachMessage: async ({ message }) => void seen.push(message) });
  return { seen, close: () => consumer.disconnect() };
}
