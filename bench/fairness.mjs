/**
 * node bench/fairness.mjs [--quiet 9] [--share 100] [--each 12] [--slots 8] [--latency 400]
 *
 * Fairness between partners under load: one partner's agents report `share` times as many failures as each of the
 * others, all at once, and the PSA answers slowly, so that the worker's slots are what partners compete for. A partner's
 * share is what it was served over its max-min fair part, counted from when all had asked until a fair worker would be
 * through with the quiet ones; the answer is Jain's index over those shares (1 is fair, 1/n is one partner taking all), the
 * same index of a queue in order of arrival, and how long the quiet ones waited. Needs TEST_DATABASE_URL,
 * TEST_KAFKA_BROKERS and a build. Its last line is JSON.
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
    quiet: { type: 'string', default: '9' },
    share: { type: 'string', default: '100' },
    each: { type: 'string', default: '12' },
    slots: { type: 'string', default: '8' },
    latency: { type: 'string', default: '400' },
  },
});
const QUIET = Number(values.quiet);
const EACH = Number(values.each);
const BUSY = EACH * Number(values.share);

const jain = (shares) =>
  shares.reduce((sum, x) => sum + x, 0) ** 2 / (shares.length * shares.reduce((sum, x) => sum + x * x, 0));

const SERVED = `SELECT i.partner_id AS partner, extract(epoch FROM i.opened_at) * 1000 AS "askedAt",
    extract(epoch FROM c.finished_at) * 1000 AS "servedAt"
  FROM command c JOIN incident i USING (incident_id) WHERE c.kind = 'create' ORDER BY c.seq`;

async function slowPsa(system) {
  const fault = { provider: 'connectwise', kind: 'hang', delayMs: Number(values.latency) };
  const answer = await fetch(`${system.url('psa-simulator')}/admin/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(fault),
  });
  if (!answer.ok) throw new Error(`The simulator answered ${answer.status} ${await answer.text()}`);
}

/**
 * From the moment when all had asked: as many tickets as it takes until the quiet partner with the longest backlog could be
 * through, if each partner got as much as any other that wants it.
 */
function judge(rows) {
  const partners = [...Map.groupBy(rows, ({ partner }) => partner).values()].sort(
    (a, b) => b.length - a.length,
  );
  const from = Math.max(...rows.map(({ askedAt }) => askedAt));
  const left = partners.map((asked) => asked.filter(({ servedAt }) => servedAt > from).length);
  const level = Math.max(...left.slice(1));
  const fair = left.map((count) => Math.min(count, level));
  const capacity = fair.reduce((sum, count) => sum + count, 0);
  const waiting = rows.filter(({ servedAt }) => servedAt > from);
  const among = (order) =>
    partners.map(([{ partner }]) => order.slice(0, capacity).filter((row) => row.partner === partner).length);
  const served = among(waiting.toSorted((a, b) => a.servedAt - b.servedAt));
  const inOrder = among(waiting.toSorted((a, b) => a.askedAt - b.askedAt));
  const index = (got) => jain(got.flatMap((count, at) => (fair[at] > 0 ? [count / fair[at]] : [])));
  const waits = (asked) => asked.map((row) => row.servedAt - row.askedAt).sort((a, b) => a - b);
  const quiet = waits(partners.slice(1).flat());
  return {
    jain: Number(index(served).toFixed(3)),
    jainInOrderOfArrival: Number(index(inOrder).toFixed(3)),
    served: served.join(' '),
    fair: fair.join(' '),
    quietP50Ms: Math.round(quiet[Math.floor(quiet.length / 2)]),
    quietMaxMs: Math.round(quiet.at(-1)),
    busyMaxMs: Math.round(waits(partners[0]).at(-1)),
  };
}

const system = await startSystem({
  env: { DISPATCHER_SLOTS: values.slots, PSA_MAX_IN_FLIGHT: values.slots },
});
const database = new pg.Client({ connectionString: system.databaseUrl('ticketing-connectwise') });
try {
  await database.connect();
  const busy = system.partner;
  const quiet = [];
  for (let n = 0; n < QUIET; n += 1) quiet.push(await system.addPartner(`Quiet ${n}`));
  // As many accounts as problems: the order within an account must not be what slows a partner.
  const [all, ...few] = [
    { partner: busy, accounts: await busy.addAccounts(Math.min(BUSY, 300)), count: BUSY },
    ...(await Promise.all(
      quiet.map(async (partner) => ({ partner, accounts: await partner.addAccounts(EACH), count: EACH })),
    )),
  ];
  await slowPsa(system);
  const send = ({ partner, accounts, count }, width) =>
    inParallel([...Array(count).keys()], width, async (n) => {
      const status = await postFailure(
        system,
        partner.apiKey,
        accounts[n % accounts.length],
        `job-${n}`,
        `run-${n}`,
      );
      if (status !== 202) throw new Error(`An agent was answered ${status}`);
    });
  // The busy one first: whoever serves in order of arrival makes the others wait for all of it.
  await send(all, 32);
  await Promise.all(few.map((one) => send(one, 1)));
  const wanted = BUSY + QUIET * EACH;
  const giveUpAt = Date.now() + 400_000;
  let rows = [];
  while (rows.filter(({ servedAt }) => servedAt !== null).length < wanted) {
    if (Date.now() > giveUpAt) throw new Error(`Only ${rows.length} of ${wanted} tickets were asked for`);
    await wait(500);
    rows = (await database.query(SERVED)).rows.map(({ partner, askedAt, servedAt }) => ({
      partner,
      askedAt: Number(askedAt),
      servedAt: servedAt === null ? null : Number(servedAt),
    }));
  }
  const report = {
    machine: `${cpus().length} x ${cpus()[0]?.model}`,
    quiet: QUIET,
    share: Number(values.share),
    tickets: rows.length,
    ...judge(rows),
    loadAverage: loadAverage(),
  };
  console.table([report]);
  console.log(JSON.stringify(report));
} finally {
  await database.end();
  await system.stop();
}
process.exit(0);
