/** What must be true before anything starts: one starter, free ports, keys. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { dataDir, giveUp, say } from '../toolchain.mjs';
import { managementPort, ports, serviceNames, settingOf } from './services.mjs';

const lock = join(dataDir, 'starter.json');

export function runningStarter() {
  if (!existsSync(lock)) return null;
  try {
    const starter = JSON.parse(readFileSync(lock, 'utf8'));
    process.kill(starter.pid, 0);
    // A pid is reused sooner or later.
    const line = readFileSync(`/proc/${starter.pid}/cmdline`, 'utf8');
    return line.includes('start.mjs') ? starter : null;
  } catch (error) {
    return error.code === 'ENOENT' && process.platform !== 'linux'
      ? JSON.parse(readFileSync(lock, 'utf8'))
      : null;
  }
}

export const writeLock = () =>
  writeFileSync(lock, JSON.stringify({ pid: process.pid, startedAt: new Date().toISOString() }));
export const removeLock = () => rmSync(lock, { force: true });

function isTaken(port) {
  return new Promise((done) => {
    const probe = createConnection({ port, host: '127.0.0.1' });
    probe.once('connect', () => {
      probe.destroy();
      done(true);
    });
    probe.once('error', () => done(false));
  });
}

/** Names every port that somebody else holds, and the setting that moves it. Waits a little: an orphan may be ending. */
export async function requireFreePorts(servers) {
  const wanted = [
    ...serviceNames.flatMap((name) => [
      { port: ports[name], name, setting: settingOf(name) },
      { port: managementPort(name), name: `${name} (management)`, setting: settingOf(name) },
    ]),
    ...servers.map((name) => ({ port: ports[name], name, setting: settingOf(name) })),
  ];
  for (let round = 0; ; round += 1) {
    const taken = [];
    for (const entry of wanted) if (await isTaken(entry.port)) taken.push(entry);
    if (taken.length === 0) return;
    if (round === 20)
      giveUp(
        taken
          .map((t) => `Port ${t.port}, wanted by ${t.name}, is in use. Set ${t.setting} to another.`)
          .join('\n'),
      );
    if (round === 0) say('• waiting for ports that are still in use');
    await new Promise((next) => setTimeout(next, 500));
  }
}

/** Keys are made once and kept beside the data they protect; losing them loses the sealed credentials. */
export function secretFiles() {
  const dir = join(dataDir, 'secrets');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const make = (name) => {
    const file = join(dir, name);
    if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString('base64'), { mode: 0o600 });
    return file;
  };
  return {
    serviceTokenKey: make('service-token.key'),
    keyEncryptionKey: make('key-encryption.key'),
    databasePassword: make('database-password.key'),
  };
}
