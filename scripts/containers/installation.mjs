/** One throw-away installation of the containers: a clone, a compose project, an image and ports of its own. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

export const project = `backhaul-test-${process.pid}`;
export const clone = mkdtempSync(join(tmpdir(), 'backhaul-containers-'));
export const ports = { GATEWAY_PORT: 0, INGESTION_PORT: 0, PSA_SIMULATOR_PORT: 0 };

/** Nothing of this shell but what finds the engine. */
const environment = () => ({
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => /^(PATH|HOME|DOCKER_\w+|NO_PROXY)$/.test(name)),
  ),
  COMPOSE_PROJECT_NAME: project,
  BACKHAUL_IMAGE: project,
  ...Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)])),
});

export function run(file, ...args) {
  const done = spawnSync(file, args, {
    cwd: clone,
    env: environment(),
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  if (done.status !== 0)
    throw new Error(
      `${file} ${args.join(' ')}: ${done.error?.message ?? `${done.stdout}${done.stderr}`.slice(-4000)}`,
    );
  return done.stdout.trim();
}
export const docker = (...args) => run('docker', ...args);
export const compose = (...args) => run('docker', 'compose', ...args);
export const inspect = (ids) => (ids.length ? JSON.parse(docker('inspect', ...ids)) : []);
export const lines = (text) => text.split('\n').filter(Boolean);
export const containersOf = (...services) => inspect(lines(compose('ps', '-aq', ...services)));
export const containerOf = (service) => containersOf(service)[0];
export const seconds = (startedAt) => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;

/** By default longer than LANE_LEASE_MS: a command whose outcome a crash kept from being written waits for its lease. */
export async function eventually(check, timeoutMs = 240_000) {
  const until = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > until) throw error;
    }
    await wait(250);
  }
}

export async function takeFreePorts() {
  for (const name of Object.keys(ports)) {
    const probe = createServer();
    await new Promise((done) => probe.listen(0, '127.0.0.1', done));
    ports[name] = probe.address().port;
    await new Promise((done) => probe.close(done));
  }
}

/** Whatever state it is in. */
export function cleanUp() {
  for (const args of [
    ['compose', '-p', project, 'down', '-v', '-t', '1'],
    ['image', 'rm', '-f', project],
  ])
    spawnSync('docker', args, { cwd: clone, env: environment(), stdio: 'ignore' });
  rmSync(clone, { recursive: true, force: true });
}
