import { createKafka, ensureTopics } from '@backhaul/messaging';
import { Logger } from '@nestjs/common';
import type { Kafka } from 'kafkajs';
import pg from 'pg';
import { emptyDatabase } from '../database.js';
import { testKafka } from '../kafka.js';
import { startOwnKafka, startOwnKafkaCluster } from '../own-kafka.js';
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
  /** Its own, or none: those of a cluster in the order of their ids. */
  nodes: OwnServer[];
  close(): Promise<void>;
}

export type OwnPart = 'postgres' | 'kafka' | 'kafka-cluster';

/** How many copies a cluster keeps of each record, one on each node. */
const COPIES = 3;

/** An empty database for each service, and all topics. */
export async function groundOf(own: readonly OwnPart[]): Promise<Ground> {
  // What kafkajs repeats by itself while a broker is down would bury what a row has to say.
  Logger.overrideLogger(['error', 'fatal']);
  const postgres = own.includes('postgres') ? startOwnPostgres() : null;
  const nodes = await nodesOf(own);
  const topics = await topicsOf(nodes);
  const databases = await databasesOf(await postgres);
  return {
    ...topics,
    databaseUrls: databases.urls,
    postgres: await postgres,
    nodes,
    close: async () => {
      await databases.drop();
      await topics.drop();
      await Promise.all([(await postgres)?.stop(), ...nodes.map((node) => node.stop())]);
    },
  };
}

async function nodesOf(own: readonly OwnPart[]): Promise<OwnServer[]> {
  if (own.includes('kafka-cluster')) return startOwnKafkaCluster(COPIES);
  return own.includes('kafka') ? [await startOwnKafka()] : [];
}

async function topicsOf(
  nodes: readonly OwnServer[],
): Promise<Pick<Ground, 'brokers' | 'prefix' | 'kafka'> & { drop(): Promise<void> }> {
  if (nodes.length === 0) {
    const { brokers, prefix, kafka, close } = await testKafka();
    return { brokers, prefix, kafka, drop: close };
  }
  const brokers = nodes.map(({ address }) => address);
  const kafka = createKafka({ brokers, clientId: 'test' });
  await ensureTopics(kafka, { replicationFactor: nodes.length });
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
