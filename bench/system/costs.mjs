/** What a stretch of load costs: processor time by service and by its database, and statements by database. */
import { readFileSync, readdirSync } from 'node:fs';
import pg from 'pg';

/** User and system time of a process in milliseconds, by Linux's own books; 0 once it is gone. */
export function cpuMs(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return 0;
  }
}

/** Command line → processor time, of all processes whose command line passes. */
function cpuByTitle(isWanted) {
  const found = [];
  for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const title = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      if (isWanted(title)) found.push({ title, ms: cpuMs(pid) });
    } catch {
      // It ended while we looked.
    }
  }
  return found;
}

const sumOf = (rows) => rows.reduce((sum, { ms }) => sum + ms, 0);

/** Of all server processes that work for a database. */
export const postgresCpuMs = (name) =>
  sumOf(cpuByTitle((title) => title.startsWith('postgres:') && title.includes(` ${name} `)));

/** Statements by database since the extension was loaded; null where the server has no `pg_stat_statements`. */
async function statements(client) {
  try {
    const { rows } = await client.query(
      `SELECT datname AS name, sum(calls)::int AS calls FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid GROUP BY datname`,
    );
    return new Map(rows.map(({ name, calls }) => [name, calls]));
  } catch {
    return null;
  }
}

/** Looks now; `costs.since(before)` of two looks tells what lay between them. */
export class Costs {
  static async now(system, adminUrl) {
    const client = new pg.Client({ connectionString: adminUrl });
    await client.connect();
    const calls = await statements(client);
    await client.end();
    const look = new Map();
    for (const [name, child] of system.children) {
      const database = new URL(system.databaseUrl(name)).pathname.slice(1);
      look.set(name, {
        node: cpuMs(child.pid),
        postgres: postgresCpuMs(database),
        statements: calls?.get(database) ?? null,
      });
    }
    const others = (pattern) => sumOf(cpuByTitle((title) => pattern.test(title)));
    look.set('kafka', { node: 0, postgres: others(/kafka\.Kafka/), statements: null });
    look.set('postgres itself', { node: 0, postgres: others(/^postgres: (?!\S+ bench_)/), statements: null });
    look.set('load and watching', { node: process.cpuUsage().user / 1000, postgres: 0, statements: null });
    return look;
  }

  /** Per unit of work, milliseconds and statements. */
  static per(count, before, after) {
    const round = (value) => Math.round((value / count) * 100) / 100;
    return [...after].map(([service, end]) => {
      const start = before.get(service);
      return {
        service,
        nodeMs: round(end.node - start.node),
        serverMs: round(end.postgres - start.postgres),
        statements: end.statements === null ? null : round(end.statements - (start.statements ?? 0)),
      };
    });
  }
}
