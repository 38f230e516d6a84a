/**
 * A real Apache Kafka (KRaft) on a JRE, as a process of its own; alone, or one node of a cluster, all of whose
 * nodes are given the same cluster and voters (id@host:controller port, one for each node):
 *   node scripts/infrastructure/kafka.mjs --data DIR --port N --jars DIR [--node 2 --voters 1@H:P,2@H:P,3@H:P --cluster ID]
 * `--advertised N` is the port that clients are told, where something stands between.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { endOrphan, runServer } from './child.mjs';
import { freePort } from './free-port.mjs';

process.env.BACKHAUL_LIFELINE_MANUAL = '1';
const { onOwnerGone } = await import('./lifeline.mjs');

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    port: { type: 'string' },
    jars: { type: 'string' },
    node: { type: 'string', default: '1' },
    voters: { type: 'string' },
    cluster: { type: 'string' },
    advertised: { type: 'string' },
  },
});
const dir = resolve(values.data);
const properties = join(dir, 'server.properties');
const classPath = join(resolve(values.jars), '*');

const voters = values.voters?.split(',') ?? [];
const copies = Math.max(1, voters.length);

function write(controllerPort) {
  const lines = {
    'process.roles': 'broker,controller',
    'node.id': values.node,
    ...(voters.length
      ? { 'controller.quorum.voters': values.voters }
      : { 'controller.quorum.bootstrap.servers': `127.0.0.1:${controllerPort}` }),
    listeners: `PLAINTEXT://127.0.0.1:${values.port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${values.advertised ?? values.port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': join(dir, 'logs'),
    'offsets.topic.replication.factor': copies,
    'offsets.topic.num.partitions': 8,
    'transaction.state.log.replication.factor': copies,
    'transaction.state.log.min.isr': Math.min(2, copies),
    'share.coordinator.state.topic.replication.factor': copies,
    'share.coordinator.state.topic.min.isr': Math.min(2, copies),
    'group.initial.rebalance.delay.ms': 0,
    'auto.create.topics.enable': false,
    'log.cleaner.dedupe.buffer.size': 16777216,
    'log.retention.hours': 336,
  };
  writeFileSync(
    properties,
    `${Object.entries(lines)
      .map(([key, value]) => `${key}=${value}`)
      .join('\n')}\n`,
  );
}

/** The id is 16 random bytes in URL-safe base64; a leading dash would read as an option. */
function clusterId() {
  for (;;) {
    const id = randomBytes(16).toString('base64url');
    if (!id.startsWith('-')) return id;
  }
}

/** The voter record keeps the controller's port, so it is chosen once. */
async function controllerPort() {
  const mine = voters.find((voter) => voter.startsWith(`${values.node}@`));
  if (mine) return Number(mine.slice(mine.lastIndexOf(':') + 1));
  const portFile = join(dir, 'controller.port');
  if (!existsSync(portFile)) writeFileSync(portFile, String(await freePort()));
  return Number(readFileSync(portFile, 'utf8'));
}

function format() {
  const how = voters.length ? ['-t', values.cluster] : ['--standalone', '-t', clusterId()];
  execFileSync('java', ['-cp', classPath, 'kafka.tools.StorageTool', 'format', ...how, '-c', properties], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

mkdirSync(dir, { recursive: true });
await endOrphan(join(dir, 'broker.pid'), properties, 'SIGTERM');
write(await controllerPort());
if (!existsSync(join(dir, 'logs', 'meta.properties'))) format();
const server = runServer({
  file: 'java',
  args: ['-Xms256m', '-Xmx384m', '-XX:+UseSerialGC', '-cp', classPath, 'kafka.Kafka', properties],
  options: { cwd: dir },
  pidFile: join(dir, 'broker.pid'),
  stopSignal: 'SIGTERM',
  stopMs: 6000,
});
onOwnerGone(server.stop);
