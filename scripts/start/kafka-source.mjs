/** Where Kafka comes from: KAFKA_BROKERS, else a Docker engine, else a JRE with Maven. The first choice is kept. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataDir, giveUp, root, say } from '../toolchain.mjs';
import { kafkaContainer } from '../infrastructure/kafka-container.mjs';
import { ports } from './services.mjs';

export const IMAGE = 'apache/kafka:4.3.1';
const chosen = join(dataDir, 'kafka.source');
export const jarsDir = process.env.BACKHAUL_KAFKA_JARS ?? join(dataDir, 'kafka-jars');

const run = (file, args, timeout) =>
  spawnSync(file, args, { encoding: 'utf8', timeout, stdio: ['ignore', 'pipe', 'pipe'] });

/** An engine that answers but can neither show nor pull the image is of no use. */
export function hasDocker() {
  if (run('docker', ['version', '--format', '{{.Server.Version}}'], 5000).status !== 0) return false;
  if (run('docker', ['image', 'inspect', IMAGE], 5000).status === 0) return true;
  say(`• pulling ${IMAGE}`);
  if (run('docker', ['pull', '-q', IMAGE], 180_000).status === 0) return true;
  say('• the Docker engine cannot pull it');
  return false;
}

function javaVersion() {
  const java = run('java', ['-version'], 10_000);
  const match = /version "(\d+)/.exec(java.stderr ?? '');
  return match ? Number(match[1]) : 0;
}

export function resolveJars() {
  if (existsSync(join(jarsDir, '.complete'))) return;
  say('• resolving the Kafka broker with Maven (once)');
  mkdirSync(jarsDir, { recursive: true });
  const mvn = spawnSync(
    'mvn',
    [
      '-q',
      '-B',
      '-f',
      join(root, 'deploy/kafka/pom.xml'),
      'dependency:copy-dependencies',
      `-DoutputDirectory=${jarsDir}`,
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  if (mvn.status !== 0) giveUp('Maven could not resolve the Kafka broker; its message stands above.');
  writeFileSync(join(jarsDir, '.complete'), '');
}

export const hasJava = () =>
  javaVersion() >= 17 && (existsSync(join(jarsDir, '.complete')) || run('mvn', ['-v'], 20_000).status === 0);

/** Ends with what to install. */
export function noKafka() {
  return giveUp(
    [
      'No Kafka can be started here. Do one of these and run the command again:',
      '  - start a Docker engine (the image apache/kafka:4.3.1 is used), or',
      '  - install Java 17 or newer and Maven (Debian: apt-get install openjdk-17-jre-headless maven), or',
      '  - set KAFKA_BROKERS to the address of a Kafka 4 cluster.',
    ].join('\n'),
  );
}

/** What Kafka holds is not left behind in silence. */
const engineGone = () =>
  giveUp(
    `Kafka's data is in a Docker volume here, and no Docker engine answers that has ${IMAGE}. Start the engine, or forget all state: npm start -- --reset`,
  );

function find() {
  if (hasDocker()) return 'docker';
  if (hasJava()) return 'java';
  return noKafka();
}

/** The process that runs Kafka, or null when KAFKA_BROKERS names one. */
export function kafkaProcess() {
  if (process.env.KAFKA_BROKERS) return null;
  const source = existsSync(chosen) ? readFileSync(chosen, 'utf8') : find();
  if (!existsSync(chosen)) writeFileSync(chosen, source);
  else if (source === 'docker' && !hasDocker()) engineGone();
  const dir = join(dataDir, 'kafka');
  if (source === 'docker') {
    return {
      name: 'kafka',
      args: [
        join(root, 'scripts/infrastructure/kafka-docker.mjs'),
        '--port',
        String(ports.kafka),
        '--data',
        dir,
      ],
    };
  }
  resolveJars();
  return {
    name: 'kafka',
    args: [
      join(root, 'scripts/infrastructure/kafka.mjs'),
      '--data',
      dir,
      '--port',
      String(ports.kafka),
      '--jars',
      jarsDir,
    ],
  };
}

export const brokers = () => process.env.KAFKA_BROKERS ?? `127.0.0.1:${ports.kafka}`;

/** With --reset: the container's volume goes too. */
export function forgetKafkaVolume() {
  if (!existsSync(chosen) || readFileSync(chosen, 'utf8') !== 'docker') return;
  run('docker', ['rm', '-fv', kafkaContainer(join(dataDir, 'kafka'))], 10_000);
  run('docker', ['volume', 'rm', '-f', kafkaContainer(join(dataDir, 'kafka'))], 10_000);
}
