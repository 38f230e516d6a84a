/**
 * node bench/fairness.mjs [--quiet 9] [--share 100] [--each 12] [--slots 8] [--latency 100]
 *
 * Fairness between partners under load: one partner's agents report `share` times as many failures as each of the
 * others, all at once, and the PSA answers slowly, so that the worker's slots are what partners compete for. A partner's
 * share is what it was served while the busy one still had a backlog, over its max-min fair share of all that was served;
 * the answer is Jain's index over those shares (1 is fair, 1/n is one partner taking all) and how long the
 * quiet ones waited. The same index over a queue in order of arrival is the floor, computed from the same arrivals. Needs
 * TEST_DATABASE_URL, TEST_KAFKA_BROKERS and a build. Its last line is JSON.
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
    latency: { type: 'string', default: '100' },
  },
});
const QUIET = Number(values.quiet);
const EACH = Number(values.each);
const BUSY = EACH * Number(values.share);

const jain = (shares) =>
  shares.reduce((sum, x) => sum + x, 0) ** 2 / (shares.length * shares.reduce((sum, x) => sum + x * x, 0));

/** Max-min fair: nobody gets more than they asked for, and what they leave goes to the others in equal parts. */
function fairShares(demands, capacity) {
  const shares = demands.map(() => 0);
  let left = capacity;
  let open = demands.map((_, index) => index);
  while (open.length && left > 1e-9) {
    const part = left / open.length;
    const done = open.filter((index) => demands[index] - shares[index] <= part);
    const granted = done.length ? done : open;
    for (const index of granted) {
      const more = done.length ? demands[index] - shares[index] : part;
      shares[index] += more;
      left -= more;
    }
    if (!done.length) break;
    open = open.filter((index) => !done.includes(index));
  }
  return shares;
}

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

/** Those who asked, in the order of who asked most; what each was served until the busy one's backlog ended. */
function judge(rows) {
  const byPartner = Map.groupBy(rows, ({ partner }) => partner);
  const partners = [...byPartner.values()].sort((a, b) => b.length - a.length);
  const demands = partners.map((asked) => asked.length);
  // By when the quiet ones were through, or the busy one: until then somebody waited for somebody else.
  const until = Math.min(
    Math.max(...partners[0].map(({ servedAt }) => servedAt)),
    Math.max(...partners.slice(1).flatMap((asked) => asked.map(({ servedAt }) => servedAt))),
  );
  const served = partners.map((asked) => asked.filter(({ servedAt }) => servedAt <= until).length);
  const capacity = served.reduce((sum, count) => sum + count, 0);
  const arrivals = rows.slice(0, capacity);
  const inOrder = partners.map(([{ partner }]) => arrivals.filter((row) => row.partner === partner).length);
  const fair = fairShares(demands, capacity);
  const index = (got) => jain(got.map((count, at) => count / fair[at]));
  const waits = (asked) => asked.map((row) => row.servedAt - row.askedAt).sort((a, b) => a - b);
  const quiet = waits(partners.slice(1).flat());
  return {
    jain: index(served),
    jainInOrderOfArrival: index(inOrder),
    servedMeanwhile: served,
    fair: fair.map((share) => Math.round(share)),
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
  console.table([
    { ...report, servedMeanwhile: report.servedMeanwhile.join(' '), fair: report.fair.join(' ') },
  ]);
  console.log(JSON.stringify(report));
} finally {
  await database.end();
  await system.stop();
}
process.exit(0);
