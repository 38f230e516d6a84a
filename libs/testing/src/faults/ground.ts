import { createKafka, ensureTopics } from '@backhaul/messaging';
import { Logger } from '@nestjs/common';
import type { Kafka } from 'kafkajs';
import pg from 'pg';
import { emptyDatabase } from '../database.js';
import { testKafka } from '../kafka.js';
import { startOwnKafka } from '../own-kafka.js';
import { startOwnPostgres } from '../own-postgres.js';
import type { OwnServer } from '../servers.js';
import { type StoreName, STORES } from './topology.js';

/** The servers under a system: shared ones with its own databases and topics on them, or its own. */
export interface Ground {
  brokers: string[];
  prefix: string;
  kafka: Kafka;
  databaseUrls: Map<StoreName, string>;
  postgres: OwnServer | null;
  broker: OwnServer | null;
  close(): Promise<void>;
}

/** An empty database for each service, and all topics. */
export async function groundOf(own: readonly ('postgres' | 'kafka')[]): Promise<Ground> {
  // What kafkajs repeats by itself while a broker is down would bury what a row has to say.
  Logger.overrideLogger(['error', 'fatal']);
  const postgres = own.includes('postgres') ? startOwnPostgres() : null;
  const broker = own.includes('kafka') ? startOwnKafka() : null;
  const topics = await topicsOf(await broker);
  const databases = await databasesOf(await postgres);
  return {
    ...topics,
    databaseUrls: databases.urls,
    postgres: await postgres,
    broker: await broker,
    close: async () => {
      await databases.drop();
      await topics.drop();
      await Promise.all([(await postgres)?.stop(), (await broker)?.stop()]);
    },
  };
}

async function topicsOf(
  own: OwnServer | null,
): Promise<Pick<Ground, 'brokers' | 'prefix' | 'kafka'> & { drop(): Promise<void> }> {
  if (!own) {
    const { brokers, prefix, kafka, close } = await testKafka();
    return { brokers, prefix, kafka, drop: close };
  }
  const brokers = [own.address];
  const kafka = createKafka({ brokers, clientId: 'test' });
  await ensureTopics(kafka);
  return { brokers, prefix: '', kafka, drop: async () => undefined };
}

type Databases = { urls: Map<StoreName, string>; drop(): Promise<void> };

async function databasesOf(own: OwnServer | null): Promise<Databases> {
  if (own) return { urls: await databasesOn(own.address), drop: async () => undefined };
  const made = await Promise.all(STORES.map(async (name) => ({ name, ...(await emptyDatabase()) })));
  return {
    urls: new Map(made.map(({ name, url }) => [name, url])),
    drop: async () => void (await Promise.all(made.map(({ drop }) => drop()))),
  };
}

/** They go with their server. */
async function databasesOn(address: string): Promise<Map<StoreName, string>> {
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  const urls = new Map<StoreName, string>();
  try {
    for (const name of STORES) {
      const database = name.replaceAll('-', '_');
      await client.query(`CREATE DATABASE ${database}`);
      const url = new URL(address);
      url.pathname = `/${database}`;
      urls.set(name, url.href);
    }
  } finally {
    await client.end();
  }
  return urls;
}
