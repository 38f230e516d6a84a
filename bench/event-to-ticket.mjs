/**
 * node bench/event-to-ticket.mjs [--rate 200] [--seconds 15] [--accounts 500] [--profile DIR]
 *
 * From the moment a failure was due to be sent to the moment its ticket's creation reached the PSA simulator, through
 * ingestion, Kafka, notifications and ticketing, each its own process. Open loop: a slow system cannot slow the load.
 * One event in ten repeats a job that failed before, which adds a note and opens nothing. The PSA's rate limits are
 * lifted. Needs TEST_DATABASE_URL, TEST_KAFKA_BROKERS and a build. Its last line is JSON. With
 * `pg_stat_statements` loaded the table of costs counts statements as well.
 */
import { cpus } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { postFailure } from './system/agents.mjs';
import { Costs } from './system/costs.mjs';
import { hops } from './system/hops.mjs';
import { loadAverage, startSystem } from './system/system.mjs';

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '15' },
    accounts: { type: 'string', default: '500' },
    drain: { type: 'string', default: '60' },
    profile: { type: 'string' },
  },
});
const RATE = Number(values.rate);
const TOTAL = RATE * Number(values.seconds);

/** Notes when the simulator got each request that creates a ticket, by the job in its summary. */
function watchTickets(system, createdAt) {
  let after = 0;
  let isOver = false;
  const loop = (async () => {
    while (!isOver) {
      const answer = await fetch(
        `${system.url('psa-simulator')}/admin/requests?provider=connectwise&after=${after}`,
      );
      for (const { seq, at, method, path, body } of (await answer.json()).items) {
        if (after > 0 && seq > after + 1)
          throw new Error('The simulator forgot requests before they were read');
        after = seq;
        const job =
          method === 'POST' && path.endsWith('/service/tickets') && /\((job-\d+)\)/.exec(body.summary)?.[1];
        if (job && !createdAt.has(job)) createdAt.set(job, Date.parse(at));
      }
      await wait(250);
    }
  })();
  return async () => {
    isOver = true;
    await loop;
  };
}

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;

async function load(system, accounts, prefix, total) {
  const dueAt = new Map();
  const refused = new Map();
  const running = [];
  const startedAt = Date.now();
  for (let sent = 0; sent < total;) {
    const due = Math.min(total, Math.floor(((Date.now() - startedAt) / 1000) * RATE));
    for (; sent < due; sent += 1) {
      const isRepeat = sent % 10 === 9;
      const number = prefix + (isRepeat ? sent - 9 : sent);
      const job = `job-${number}`;
      if (!isRepeat) dueAt.set(job, startedAt + (sent / RATE) * 1000);
      const accountNo = accounts[number % accounts.length];
      running.push(
        postFailure(system, system.apiKey, accountNo, job, `run-${prefix + sent}`).then(
          (status) => status !== 202 && refused.set(status, (refused.get(status) ?? 0) + 1),
        ),
      );
    }
    await wait(1);
  }
  await Promise.all(running);
  return { dueAt, refused };
}

async function drained(dueAt, createdAt, seconds) {
  const until = Date.now() + seconds * 1000;
  const isDone = () => [...dueAt.keys()].every((job) => createdAt.has(job));
  while (!isDone() && Date.now() < until) await wait(250);
}

const profiling = values.profile ? ['--cpu-prof', `--cpu-prof-dir=${values.profile}`] : [];
const system = await startSystem({ nodeArgs: profiling });
try {
  const accounts = await system.addAccounts(Number(values.accounts));
  const createdAt = new Map();
  const unwatch = watchTickets(system, createdAt);
  const warm = await load(system, accounts, 1_000_000, RATE * 3);
  await drained(warm.dueAt, createdAt, 60);
  const loadBefore = loadAverage();
  const costsBefore = await Costs.now(system, process.env.TEST_DATABASE_URL);
  const { dueAt, refused } = await load(system, accounts, 2_000_000, TOTAL);
  const loadDuring = loadAverage();
  await drained(dueAt, createdAt, Number(values.drain));
  const costs = Costs.per(dueAt.size, costsBefore, await Costs.now(system, process.env.TEST_DATABASE_URL));
  await unwatch();
  const legs = await hops(system, dueAt, createdAt);
  const delays = [...dueAt]
    .filter(([job]) => createdAt.has(job))
    .map(([job, due]) => createdAt.get(job) - due)
    .sort((a, b) => a - b);
  const report = {
    machine: `${cpus().length} x ${cpus()[0]?.model}`,
    node: process.version,
    rate: RATE,
    events: TOTAL,
    tickets: delays.length,
    missing: dueAt.size - delays.length,
    refused: Object.fromEntries(refused),
    p50Ms: at(delays, 0.5),
    p90Ms: at(delays, 0.9),
    p99Ms: at(delays, 0.99),
    maxMs: delays.at(-1) ?? null,
    loadAverage: [loadBefore, loadDuring],
  };
  console.log('Median milliseconds of each leg of the road');
  console.table(legs);
  console.log('Processor time in milliseconds and statements, per ticket');
  console.table(costs);
  console.table([
    { ...report, refused: JSON.stringify(report.refused), loadAverage: report.loadAverage.join(' ') },
  ]);
  console.log(JSON.stringify({ ...report, costs, legs }));
} finally {
  await system.stop();
}
process.exit(0);
