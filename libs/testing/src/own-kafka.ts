import { spawnSync } from 'node:child_process';
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

/**
 * A Kafka broker of the test's own: by Java 17 or newer, else by a Docker engine.
 * @throws Error that says what to install when there is neither
 */
export async function startOwnKafka(): Promise<OwnServer> {
  const source = (await import(join(repoRoot, 'scripts/start/kafka-source.mjs'))) as KafkaSource;
  const dir = mkdtempSync(join(tmpdir(), 'backhaul-kafka-'));
  const data = join(dir, 'data');
  const port = await freePort();
  let how: How;
  if (source.hasJava()) {
    source.resolveJars();
    const signal = signalByFile(join(data, 'broker.pid'));
    how = { script: 'kafka.mjs', args: ['--jars', source.jarsDir], signal };
  } else if (source.hasDocker()) {
    how = await inContainer(data);
  } else {
    throw new Error(
      'No Kafka broker: install Java 17 and Maven, start a Docker engine, or set TEST_KAFKA_BROKERS',
    );
  }
  const args = ['--data', data, '--port', String(port), ...how.args];
  return serve({ ...how, args, dir, probe, address: () => `127.0.0.1:${port}` });
}
