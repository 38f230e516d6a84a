/**
 * node bench/drain.mjs [--events 100000] [--accounts 500] [--per-minute 12000] [--in-flight 64]
 *
 * A PSA that was away comes back: failures wait, each a ticket of its own, and the worker drains them as fast as the PSA's
 * own budget allows (`--per-minute`, what the connection may call). The answer is the share of that budget which the
 * drain used, over all of it and after the ramp that spares a PSA which just came back, and how many tickets were lost or
 * doubled. Needs TEST_DATABASE_URL, TEST_KAFKA_BROKERS and a build. Its last line is JSON.
 */
import { cpus } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { postFailure } from './system/agents.mjs';
import { inParallel } from './system/parallel.mjs';
import { loadAverage, startSystem } from './system/system.mjs';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '100000' },
    accounts: { type: 'string', default: '500' },
    'per-minute': { type: 'string', default: '12000' },
    'in-flight': { type: 'string', default: '64' },
  },
});
const EVENTS = Number(values.events);
const BUDGET_PER_SECOND = Number(values['per-minute']) / 60;

const faults = (system, method, body) =>
  fetch(`${system.url('psa-simulator')}/admin/faults`, {
    method,
    ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  }).then((answer) => {
    if (!answer.ok) throw new Error(`The simulator answered ${answer.status}`);
  });

const COUNTS = `SELECT count(*) FILTER (WHERE kind = 'create')::int AS asked,
    count(*) FILTER (WHERE kind = 'create' AND status = 'done')::int AS done,
    min(finished_at) AS first, max(finished_at) AS last FROM command`;
const BY_SECOND = `SELECT extract(epoch FROM date_trunc('second', finished_at))::int AS second, count(*)::int AS tickets
  FROM command WHERE kind = 'create' AND status = 'done' GROUP BY 1 ORDER BY 1`;
const DISTINCT = `SELECT count(DISTINCT ticket_id)::int AS tickets FROM incident`;

async function until(what, seconds, check) {
  const giveUpAt = Date.now() + seconds * 1000;
  for (let at = 0; !(await check()); at += 1) {
    if (Date.now() > giveUpAt) throw new Error(`Not within ${seconds} s: ${what}`);
    await wait(1000);
    if (at % 30 === 29) console.error(`  waiting: ${what}`);
  }
}

const system = await startSystem({
  env: {
    PSA_MAX_PER_MINUTE: values['per-minute'],
    PSA_MAX_IN_FLIGHT: values['in-flight'],
    DISPATCHER_SLOTS: values['in-flight'],
  },
});
const database = new pg.Client({ connectionString: system.databaseUrl('ticketing-connectwise') });
try {
  await database.connect();
  const counts = async () => (await database.query(COUNTS)).rows[0];
  const accounts = await system.addAccounts(Number(values.accounts));
  await faults(system, 'POST', { provider: 'connectwise', kind: 'status', status: 503 });
  const fillingAt = performance.now();
  await inParallel([...Array(EVENTS).keys()], 64, async (n) => {
    for (;;) {
      const account = accounts[n % accounts.length];
      const status = await postFailure(system, system.apiKey, account, `job-${n}`, `run-${n}`);
      if (status === 202) return;
      if (status !== 503 && status !== 429) throw new Error(`An agent was answered ${status}`);
      await wait(500);
    }
  });
  await until('all failures wait for the PSA', 1800, async () => (await counts()).asked === EVENTS);
  const filledSeconds = (performance.now() - fillingAt) / 1000;
  await faults(system, 'DELETE');
  const backAt = Date.now();
  await until('all tickets stand', 3600, async () => (await counts()).done === EVENTS);
  const { last } = await counts();
  const seconds = (last.getTime() - backAt) / 1000;
  const rates = (await database.query(BY_SECOND)).rows.map(({ tickets }) => tickets);
  const steady = rates.slice(Math.floor(rates.length / 2), -1);
  const { rows: [{ tickets }] } = await database.query(DISTINCT); // prettier-ignore
  const stood = await (await fetch(`${system.url('psa-simulator')}/admin/tickets?limit=1`)).json();
  const mean = (numbers) => numbers.reduce((sum, n) => sum + n, 0) / Math.max(1, numbers.length);
  const report = {
    machine: `${cpus().length} x ${cpus()[0]?.model}`,
    events: EVENTS,
    filledSeconds: Math.round(filledSeconds),
    drainSeconds: Math.round(seconds),
    ticketsPerSecond: Math.round(EVENTS / seconds),
    shareOfBudget: Number((EVENTS / seconds / BUDGET_PER_SECOND).toFixed(2)),
    shareOfBudgetAfterRamp: Number((mean(steady) / BUDGET_PER_SECOND).toFixed(2)),
    lost: EVENTS - tickets,
    doubled: stood.total - EVENTS,
    loadAverage: loadAverage(),
  };
  console.table([report]);
  console.log(JSON.stringify(report));
} finally {
  await database.end();
  await system.stop();
}
process.exit(0);
