/** `npm start` on free ports with a folder of its own, gone afterwards: what is tried there must not meet anybody's data. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { asideOf } from '../infrastructure/aside.mjs';
import { freePort, isFree } from '../infrastructure/free-port.mjs';
import { kafkaContainer } from '../infrastructure/kafka-container.mjs';
import { jarsDir } from '../start/kafka-source.mjs';
import { managementPort, ports, serviceNames, settingOf } from '../start/services.mjs';
import { root } from '../toolchain.mjs';

const READY_WITHIN_MS = 240_000;
/** How far the management port lies from the other. */
const MANAGEMENT = managementPort('gateway') - ports.gateway;

async function freePorts() {
  const taken = new Set();
  const settings = {};
  for (const name of [...serviceNames, 'postgres', 'kafka']) {
    let port;
    do port = await freePort();
    while ([port, port + MANAGEMENT].some((each) => taken.has(each)) || !(await isFree(port + MANAGEMENT)));
    taken.add(port).add(port + MANAGEMENT);
    settings[settingOf(name)] = String(port);
  }
  return settings;
}

/** Nothing of the caller's surroundings leads to servers that hold somebody's data. */
function environment(data, portSettings) {
  const env = { ...process.env, ...portSettings, BACKHAUL_DATA_DIR: data, BACKHAUL_KAFKA_JARS: jarsDir };
  for (const name of Object.keys(env))
    if (/^(DATABASE_URL|KAFKA_BROKERS|KAFKA_TOPIC_PREFIX|EGRESS_ALLOW|[A-Z_]+_URL)$/.test(name))
      delete env[name];
  // One key makes all requests, on a machine that may be busy; limits and load have tests of their own.
  return { ...env, RATE_LIMIT_PER_SECOND: '100000', RATE_LIMIT_BURST: '1000000', LOAD_SHEDDING: 'off' };
}

function forget(data) {
  const source = join(data, 'kafka.source');
  if (existsSync(source) && readFileSync(source, 'utf8') === 'docker') {
    const name = kafkaContainer(join(data, 'kafka'));
    spawnSync('docker', ['rm', '-fv', name], { stdio: 'ignore', timeout: 20_000 });
    spawnSync('docker', ['volume', 'rm', '-f', name], { stdio: 'ignore', timeout: 20_000 });
  }
  rmSync(asideOf(data), { recursive: true, force: true });
  rmSync(data, { recursive: true, force: true });
}

/** Resolves once everything is ready: `{ demo, stop }`, `demo` being its demo.json. */
export async function startSystem(folder) {
  const data = join(folder, 'data');
  mkdirSync(data, { recursive: true });
  const starter = spawn(process.execPath, [join(root, 'scripts/start.mjs')], {
    env: environment(data, await freePorts()),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  let hasEnded = false;
  const ended = new Promise((done) => starter.once('exit', () => done((hasEnded = true))));
  starter.stdout.on('data', (chunk) => (said += chunk));
  const stop = async () => {
    if (!hasEnded) starter.kill('SIGTERM');
    await ended;
    forget(data);
  };
  const until = performance.now() + READY_WITHIN_MS;
  while (!said.includes('Backhaul runs.')) {
    if (hasEnded || performance.now() > until) {
      await stop();
      throw new Error(`The system did not start:\n${said}`);
    }
    await wait(200);
  }
  return { demo: JSON.parse(readFileSync(join(data, 'demo.json'), 'utf8')), stop };
}
