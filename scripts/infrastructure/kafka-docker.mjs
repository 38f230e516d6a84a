/**
 * A real single-node Apache Kafka in a container, followed as a process:
 *   node scripts/infrastructure/kafka-docker.mjs --data DIR --port N [--throw-away]
 * DIR gives container and volume their name; with --throw-away the data goes with the container.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { runServer } from './child.mjs';
import { kafkaContainer } from './kafka-container.mjs';

process.env.BACKHAUL_LIFELINE_MANUAL = '1';
const { onOwnerGone } = await import('./lifeline.mjs');

const { values } = parseArgs({
  options: { data: { type: 'string' }, port: { type: 'string' }, 'throw-away': { type: 'boolean' } },
});
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

/** As docker-compose.yml runs it: the start script writes its configuration, and nothing else may be written. */
const options = [
  '--rm', '--name', name, '-p', `127.0.0.1:${values.port}:${values.port}`,
  ...(values['throw-away'] ? [] : ['-v', `${name}:/var/lib/kafka/data`]),
  '--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges:true',
  ...['/opt/kafka/config:uid=1000,gid=1000', '/opt/kafka/logs:uid=1000,gid=1000', '/tmp', '/etc/kafka/secrets', '/mnt/shared/config']
    .flatMap((folder) => ['--tmpfs', folder]),
  ...Object.entries(settings).flatMap(([key, value]) => ['-e', `${key}=${value}`]),
]; // prettier-ignore
const remove = () => spawnSync('docker', ['rm', '-fv', name], { stdio: 'ignore' });

remove();
const server = runServer({
  file: 'docker',
  args: ['run', ...options, 'apache/kafka:4.3.1'],
  options: {},
  stopSignal: 'SIGTERM',
  stopMs: 6000,
});
process.on('exit', remove);
onOwnerGone(server.stop);
