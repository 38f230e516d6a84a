/**
 * A real single-node Apache Kafka in a container, followed as a process:
 *   node scripts/infrastructure/kafka-docker.mjs --data DIR --port N
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { runServer } from './child.mjs';
import { kafkaContainer } from './kafka-container.mjs';

process.env.BACKHAUL_LIFELINE_MANUAL = '1';
const { onOwnerGone } = await import('./lifeline.mjs');

const { values } = parseArgs({ options: { data: { type: 'string' }, port: { type: 'string' } } });
const name = kafkaContainer(values.data);
const settings = {
  KAFKA_NODE_ID: 1,
  KAFKA_PROCESS_ROLES: 'broker,controller',
  KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9193',
  KAFKA_LISTENERS: `PLAINTEXT://0.0.0.0:${values.port},CONTROLLER://localhost:9193`,
  KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://127.0.0.1:${values.port}`,
  KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
  KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
  KAFKA_LOG_DIRS: '/var/lib/kafka/data',
  KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: 1,
  KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: 8,
  KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: 1,
  KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: 1,
  KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR: 1,
  KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR: 1,
  KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: 0,
  KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
  KAFKA_LOG_RETENTION_HOURS: 336,
  KAFKA_HEAP_OPTS: '-Xms256m -Xmx384m',
};

spawnSync('docker', ['rm', '-f', name], { stdio: 'ignore' });
const server = runServer({
  file: 'docker',
  args: [
    'run', '--rm', '--name', name, '-p', `127.0.0.1:${values.port}:${values.port}`, '-v', `${name}:/var/lib/kafka/data`,
    ...Object.entries(settings).flatMap(([key, value]) => ['-e', `${key}=${value}`]),
    'apache/kafka:4.3.1',
  ], // prettier-ignore
  options: {},
  stopSignal: 'SIGTERM',
  stopMs: 6000,
});
process.on('exit', () => spawnSync('docker', ['rm', '-f', name], { stdio: 'ignore' }));
onOwnerGone(server.stop);
