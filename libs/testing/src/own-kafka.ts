import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import kafkajs from 'kafkajs';
import { freePort } from './free-port.js';
import { type OwnServer, repoRoot, serve, type ServerPlan, signalByFile } from './servers.js';

interface KafkaSource {
  jarsDir: string;
  hasJava(): boolean;
  hasDocker(): boolean;
  resolveJars(): void;
}

async function probe(address: string): Promise<void> {
  const { NOTHING: logLevel } = kafkajs.logLevel;
  const admin = new kafkajs.Kafka({ brokers: [address], logLevel, retry: { retries: 0 } }).admin();
  try {
    await admin.connect();
    await admin.listTopics();
  } finally {
    await admin.disconnect();
  }
}

type How = Pick<ServerPlan, 'script' | 'args' | 'signal' | 'clean'>;

async function inContainer(data: string): Promise<How> {
  const { kafkaContainer } = (await import(join(repoRoot, 'scripts/infrastructure/kafka-container.mjs'))) as {
    kafkaContainer(dir: string): string;
  };
  const name = kafkaContainer(data);
  const docker = (...args: string[]) => void spawnSync('docker', args, { stdio: 'ignore' });
  return {
    script: 'kafka-docker.mjs',
    args: [],
    signal: (signal) => {
      if (signal === 'SIGKILL') docker('kill', name);
      else docker(signal === 'SIGSTOP' ? 'pause' : 'unpause', name);
    },
    clean: () => docker('volume', 'rm', '-f', name),
  };
}

/** Where it listens, and what it tells clients of it where something stands between. */
export interface KafkaPorts {
  port: number;
  advertisedPort: number;
}

/**
 * A Kafka broker of the test's own: by Java 17 or newer, else, on a port of its choice, by a Docker engine.
 * @throws Error that says what to install when there is neither
 */
export async function startOwnKafka(ports?: KafkaPorts): Promise<OwnServer> {
  const source = await kafkaSource();
  const advertised = ports ? ['--advertised', String(ports.advertisedPort)] : [];
  if (source.hasJava()) return startNode(source, advertised, ports?.port);
  if (ports) throw new Error('A Kafka broker behind a proxy needs Java 17 and Maven');
  if (source.hasDocker()) return startIn(newFolder(), inContainer);
  throw new Error(
    'No Kafka broker: install Java 17 and Maven, start a Docker engine, or set TEST_KAFKA_BROKERS',
  );
}

/**
 * Brokers that are one cluster, every topic of which can have as many copies. By Java 17 or newer only.
 * @throws Error without one
 */
export async function startOwnKafkaCluster(nodes: number): Promise<OwnServer[]> {
  const source = await kafkaSource();
  if (!source.hasJava()) throw new Error('A cluster of Kafka brokers needs Java 17 and Maven');
  const ids = Array.from({ length: nodes }, (_, index) => index + 1);
  const voters = await Promise.all(ids.map(async (id) => `${id}@127.0.0.1:${await freePort()}`));
  // The first letter stays clear of a dash, which would read as an option.
  const cluster = `B${randomBytes(16).toString('base64url').slice(1, 22)}`;
  return Promise.all(
    ids.map((id) =>
      startNode(source, ['--node', String(id), '--voters', voters.join(), '--cluster', cluster]),
    ),
  );
}

const kafkaSource = (): Promise<KafkaSource> =>
  import(join(repoRoot, 'scripts/start/kafka-source.mjs')) as Promise<KafkaSource>;

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'backhaul-kafka-'));

async function startNode(source: KafkaSource, more: string[], port?: number): Promise<OwnServer> {
  source.resolveJars();
  const plan = async (data: string): Promise<How> => ({
    script: 'kafka.mjs',
    args: ['--jars', source.jarsDir, ...more],
    signal: signalByFile(join(data, 'broker.pid')),
  });
  return startIn(newFolder(), plan, port);
}

async function startIn(
  dir: string,
  plan: (data: string) => Promise<How>,
  given?: number,
): Promise<OwnServer> {
  const data = join(dir, 'data');
  const port = given ?? (await freePort());
  const how = await plan(data);
  const args = ['--data', data, '--port', String(port), ...how.args];
  return serve({ ...how, args, dir, probe, address: () => `127.0.0.1:${port}` });
}
