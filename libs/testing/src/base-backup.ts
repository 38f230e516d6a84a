import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { OwnPostgres } from './own-postgres.js';

/** Files of the running server that no backup holds. */
const OF_THE_PROCESS = ['postmaster.pid', 'postmaster.opts'];

/**
 * A base backup of a running PostgreSQL, of all its databases at one moment, by its low-level interface
 * (PostgreSQL 18, 25.3.4): what `pg_basebackup` does, which the packaged server lacks.
 */
export class BaseBackup {
  private constructor(
    private readonly server: OwnPostgres,
    private readonly copy: string,
  ) {}

  static async take(server: OwnPostgres): Promise<BaseBackup> {
    const copy = `${server.dataDir}.backup`;
    rmSync(copy, { recursive: true, force: true });
    const client = new pg.Client({ connectionString: server.address });
    await client.connect();
    try {
      await client.query("SELECT pg_backup_start('fault row', true)");
      mkdirSync(copy, { mode: 0o700 });
      // Files may vanish while they are copied; the log brings back what they held.
      spawnSync('cp', ['-a', `${server.dataDir}/.`, copy], { stdio: 'ignore' });
      const { rows } = await client.query<{ labelfile: string }>(
        'SELECT labelfile FROM pg_backup_stop(false)',
      );
      execFileSync('cp', ['-a', `${server.dataDir}/pg_wal/.`, join(copy, 'pg_wal')]);
      for (const name of OF_THE_PROCESS) rmSync(join(copy, name), { force: true });
      const label = join(copy, 'backup_label');
      writeFileSync(label, rows[0]?.labelfile ?? '', { mode: 0o600 });
      const { uid, gid } = statSync(server.dataDir);
      for (const path of [copy, label]) chownSync(path, uid, gid);
    } finally {
      await client.end();
    }
    return new BaseBackup(server, copy);
  }

  /** Kills the server and starts it again with what it held when the backup was taken. */
  async putBack(): Promise<void> {
    const { server, copy } = this;
    await server.kill();
    rmSync(server.dataDir, { recursive: true });
    execFileSync('cp', ['-a', copy, server.dataDir]);
    await server.restart();
  }
}
