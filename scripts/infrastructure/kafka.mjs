/**
 * A real single-node Apache Kafka (KRaft) on a JRE, as a process of its own:
 *   node scripts/infrastructure/kafka.mjs --data DIR --port N --jars DIR
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
  options: { data: { type: 'string' }, port: { type: 'string' }, jars: { type: 'string' } },
});
const dir = resolve(values.data);
const properties = join(dir, 'server.properties');
const classPath = join(resolve(values.jars), '*');

function write(controllerPort) {
  const lines = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.bootstrap.servers': `127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${values.port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${values.port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': join(dir, 'logs'),
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 8,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
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

mkdirSync(dir, { recursive: true });
await endOrphan(join(dir, 'broker.pid'), properties, 'SIGTERM');
// The voter record keeps the controller's port, so it is chosen once.
const portFile = join(dir, 'controller.port');
if (!existsSync(portFile)) writeFileSync(portFile, String(await freePort()));
write(Number(readFileSync(portFile, 'utf8')));
if (!existsSync(join(dir, 'logs', 'meta.properties'))) {
  execFileSync(
    'java',
    [
      '-cp',
      classPath,
      'kafka.tools.StorageTool',
      'format',
      '--standalone',
      '-t',
      clusterId(),
      '-c',
      properties,
    ],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
}
const server = runServer({
  file: 'java',
  args: ['-Xms256m', '-Xmx384m', '-XX:+UseSerialGC', '-cp', classPath, 'kafka.Kafka', properties],
  options: { cwd: dir },
  pidFile: join(dir, 'broker.pid'),
  stopSignal: 'SIGTERM',
  stopMs: 6000,
});
onOwnerGone(server.stop);
