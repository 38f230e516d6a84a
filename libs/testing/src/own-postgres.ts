import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from './free-port.js';
import { type OwnServer, repoRoot, serve, signalByFile } from './servers.js';

/** A PostgreSQL of the test's own. */
export async function startOwnPostgres(conf: string[] = ['fsync=off']): Promise<OwnServer> {
  const dir = mkdtempSync(join(tmpdir(), 'backhaul-pg-'));
  const data = join(dir, 'data');
  const port = await freePort();
  const { asideOf } = (await import(join(repoRoot, 'scripts/infrastructure/aside.mjs'))) as {
    asideOf(dir: string): string;
  };
  // mkdtemp makes folders that only their owner enters, so root's PostgreSQL keeps its files aside.
  const pidFile =
    process.getuid?.() === 0
      ? join(asideOf(dir), 'postgres', 'postmaster.pid')
      : join(data, 'postmaster.pid');
  return serve({
    script: 'postgres.mjs',
    dir,
    signal: signalByFile(pidFile),
    clean: () => rmSync(asideOf(dir), { recursive: true, force: true }),
    args: ['--data', data, '--port', String(port), ...conf.flatMap((setting) => ['--conf', setting])],
    address: () =>
      `postgres://postgres:${readFileSync(join(dir, 'postgres.password'), 'utf8').trim()}@127.0.0.1:${port}/postgres`,
    probe: async (address) => {
      const client = new pg.Client({ connectionString: address });
      await client.connect();
      await client.end();
    },
  });
}
