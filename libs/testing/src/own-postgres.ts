import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from './free-port.js';
import { type OwnServer, repoRoot, serve, signalByFile } from './servers.js';
import { SmallDisk } from './small-disk.js';

/** Where a PostgreSQL of the test's own keeps its data and its log, both small enough to be filled. */
export interface PostgresDisks {
  data: SmallDisk;
  wal: SmallDisk;
}

/** A PostgreSQL of the test's own, and where it keeps its data. */
export interface OwnPostgres extends OwnServer {
  readonly dataDir: string;
}

const DATA_MB = 512;
const WAL_MB = 768;

/** A PostgreSQL of the test's own. */
export async function startOwnPostgres(conf: string[] = ['fsync=off']): Promise<OwnPostgres> {
  const { dir, aside } = await newPlaces();
  return start({ dir, aside, conf, args: [], clean: () => rmSync(aside, { recursive: true, force: true }) });
}

/** As above, its data and its log on a small disk each. @throws Error where none can be mounted */
export async function startPostgresOnSmallDisks(): Promise<{ server: OwnPostgres; disks: PostgresDisks }> {
  const { dir, aside } = await newPlaces();
  const mounted: SmallDisk[] = [];
  const clean = (): void => {
    for (const disk of mounted) disk.unmount();
    rmSync(aside, { recursive: true, force: true });
  };
  try {
    mkdirSync(aside, { recursive: true, mode: 0o755 });
    const data = new SmallDisk(join(aside, 'postgres'), DATA_MB);
    mounted.push(data);
    const wal = new SmallDisk(join(aside, 'wal'), WAL_MB);
    mounted.push(wal);
    const conf = ['fsync=off', 'max_wal_size=128MB'];
    const server = await start({ dir, aside, conf, args: ['--wal', wal.path], clean });
    return { server, disks: { data, wal } };
  } catch (error) {
    clean();
    throw error;
  }
}

interface Places {
  dir: string;
  /** mkdtemp makes folders that only their owner enters, so root's PostgreSQL keeps its files here. */
  aside: string;
}

async function newPlaces(): Promise<Places> {
  const dir = mkdtempSync(join(tmpdir(), 'backhaul-pg-'));
  const { asideOf } = (await import(join(repoRoot, 'scripts/infrastructure/aside.mjs'))) as {
    asideOf(dir: string): string;
  };
  return { dir, aside: asideOf(dir) };
}

interface Plan extends Places {
  conf: string[];
  args: string[];
  clean: () => void;
}

async function start({ dir, aside, conf, args, clean }: Plan): Promise<OwnPostgres> {
  const data = join(dir, 'data');
  const port = await freePort();
  const dataDir = process.getuid?.() === 0 ? join(aside, 'postgres') : data;
  const settings = conf.flatMap((setting) => ['--conf', setting]);
  const server = await serve({
    script: 'postgres.mjs',
    dir,
    signal: signalByFile(join(dataDir, 'postmaster.pid')),
    clean,
    args: ['--data', data, '--port', String(port), ...settings, ...args],
    address: () =>
      `postgres://postgres:${readFileSync(join(dir, 'postgres.password'), 'utf8').trim()}@127.0.0.1:${port}/postgres`,
    probe: async (address) => {
      const client = new pg.Client({ connectionString: address });
      await client.connect();
      await client.end();
    },
  });
  return { ...server, dataDir };
}
