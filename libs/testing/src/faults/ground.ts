import { createKafka, ensureTopics } from '@backhaul/messaging';
import { Logger } from '@nestjs/common';
import type { Kafka } from 'kafkajs';
import pg from 'pg';
import { emptyDatabase } from '../database.js';
import { testKafka } from '../kafka.js';
import { freePort } from '../free-port.js';
import { startOwnKafka, startOwnKafkaCluster } from '../own-kafka.js';
import {
  type OwnPostgres,
  type PostgresDisks,
  startOwnPostgres,
  startPostgresOnSmallDisks,
} from '../own-postgres.js';
import type { OwnServer } from '../servers.js';
import { TcpProxy } from '../tcp-proxy.js';
import { type StoreName, STORES } from './topology.js';

/** The servers under a system: shared ones with its own databases and topics on them, or its own. */
export interface Ground {
  brokers: string[];
  prefix: string;
  kafka: Kafka;
  databaseUrls: Map<StoreName, string>;
  postgres: OwnPostgres | null;
  /** Its own, or none: those of a cluster in the order of their ids. */
  nodes: OwnServer[];
  /** What stands between the services and these servers; what tests ask of PostgreSQL goes past it. */
  proxies: Proxies | null;
  /** What its own PostgreSQL lies on, where that is small. */
  disks: PostgresDisks | null;
  close(): Promise<void>;
}

export interface Proxies {
  postgres: TcpProxy;
  kafka: TcpProxy;
}

/** `small-disks`: PostgreSQL is its own and lies on them. `proxies`: the services reach PostgreSQL and Kafka, which are then its own as well, through one each. */
export type OwnPart = 'postgres' | 'kafka' | 'kafka-cluster' | 'proxies' | 'small-disks';

/** How many copies a cluster keeps of each record, one on each node. */
const COPIES = 3;

/** An empty database for each service, and all topics. */
export async function groundOf(own: readonly OwnPart[]): Promise<Ground> {
  // What kafkajs repeats by itself while a broker is down would bury what a row has to say.
  Logger.overrideLogger(['error', 'fatal']);
  const starting = postgresOf(own);
  const { nodes, proxy } = await nodesOf(own);
  const topics = await topicsOf(nodes, proxy);
  const { postgres, disks } = await starting;
  const databases = await databasesOf(postgres);
  const proxies =
    proxy && postgres
      ? { kafka: proxy, postgres: await TcpProxy.start(Number(new URL(postgres.address).port)) }
      : null;
  return {
    ...topics,
    databaseUrls: databases.urls,
    postgres,
    nodes,
    proxies,
    disks,
    close: async () => {
      await databases.drop();
      await topics.drop();
      await Promise.all([proxies?.postgres.close(), proxies?.kafka.close()]);
      await Promise.all([postgres?.stop(), ...nodes.map((node) => node.stop())]);
    },
  };
}

async function postgresOf(own: readonly OwnPart[]): Promise<Pick<Ground, 'postgres' | 'disks'>> {
  if (own.includes('small-disks')) {
    const { server, disks } = await startPostgresOnSmallDisks();
    return { postgres: server, disks };
  }
  return { postgres: own.includes('postgres') ? await startOwnPostgres() : null, disks: null };
}

async function nodesOf(own: readonly OwnPart[]): Promise<{ nodes: OwnServer[]; proxy: TcpProxy | null }> {
  if (own.includes('kafka-cluster')) return { nodes: await startOwnKafkaCluster(COPIES), proxy: null };
  if (!own.includes('kafka')) return { nodes: [], proxy: null };
  if (!own.includes('proxies')) return { nodes: [await startOwnKafka()], proxy: null };
  const port = await freePort();
  const proxy = await TcpProxy.start(port);
  return { nodes: [await startOwnKafka({ port, advertisedPort: proxy.port })], proxy };
}

async function topicsOf(
  nodes: readonly OwnServer[],
  proxy: TcpProxy | null,
): Promise<Pick<Ground, 'brokers' | 'prefix' | 'kafka'> & { drop(): Promise<void> }> {
  if (nodes.length === 0) {
    const { brokers, prefix, kafka, close } = await testKafka();
    return { brokers, prefix, kafka, drop: close };
  }
  const brokers = proxy ? [`127.0.0.1:${proxy.port}`] : nodes.map(({ address }) => address);
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
