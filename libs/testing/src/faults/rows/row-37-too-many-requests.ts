import assert from 'node:assert/strict';
import { eventually } from '../../eventually.js';
import { type Pause, PauseDiary } from '../pause-diary.js';
import type { FaultRow, RowRun } from '../row.js';
import { ACCOUNTS_PER_PSA } from '../system.js';
import { type Provider, PROVIDERS, ticketingOf } from '../topology.js';

const RUNNING = "SELECT 1 FROM lane WHERE state = 'running'";
const SLACK_MS = 250;
const HOUR_MS = 3_600_000;

interface Form {
  name: string;
  /** The header, null for none. */
  header: () => string | null;
  /** How long the connection is to rest. */
  fromMs: number;
  toMs: number;
}

const FORMS: readonly Form[] = [
  { name: 'seconds', header: () => '45', fromMs: 45_000, toMs: 45_000 },
  { name: 'absent', header: () => null, fromMs: 30_000, toMs: 30_000 },
  {
    name: 'date',
    header: () => new Date(Date.now() + 90_000).toUTCString(),
    // A date has whole seconds, and some pass until it is read.
    fromMs: 60_000,
    toMs: 90_000,
  },
  { name: 'absurd', header: () => '99999', fromMs: HOUR_MS, toMs: HOUR_MS },
  { name: 'past', header: () => 'Fri, 20 Nov 2020 10:00:00 GMT', fromMs: 1000, toMs: 1000 },
];

function complaintsOf({ name, fromMs, toMs }: Form, pauses: readonly Pause[]): string[] {
  return pauses.flatMap(({ ms, breaker, trouble, was_resting, rate, was_rate }) => {
    const wanted = was_resting ? was_rate : Math.max(1, was_rate / 2);
    return [
      ...(ms < fromMs - SLACK_MS || ms > toMs + SLACK_MS ? [`${name}: a rest of ${ms} ms`] : []),
      ...(Math.abs(rate - wanted) > 0.01 ? [`${name}: rate ${rate} after ${was_rate}`] : []),
      ...(breaker === 'closed' && trouble === 'rate_limited' ? [] : [`${name}: ${breaker}, ${trouble}`]),
    ];
  });
}

async function storm(run: RowRun, provider: Provider, diary: PauseDiary, index: number): Promise<void> {
  const { system, phase } = run;
  const form = FORMS[index] as Form;
  const other = PROVIDERS.find((candidate) => candidate !== provider) as Provider;
  const result = index % 2 ? 'success' : 'failure';
  const jobs = Array.from({ length: ACCOUNTS_PER_PSA }, (_, n) => `Row37-${provider}-${n}`);
  const known = (await diary.read()).at(-1)?.seq ?? 0;

  phase('inject');
  const retryAfter = form.header();
  await system.simulator.fail({
    provider,
    kind: 'rate_limit',
    ...(retryAfter !== null && { retryAfter }),
  });
  for (const [n, job] of jobs.entries()) await system.report(system.account(provider, n), result, job);

  phase('expect');
  await eventually(async () => (await diary.read(known)).length > 0, { timeoutMs: 60_000 });
  if (form.name !== 'past') {
    await eventually(async () => (await system.stores.count(ticketingOf(provider), RUNNING)) === 0);
    const last = await system.simulator.lastRequest();
    await system.report(system.account(other), 'failure', `Row37-${other}-beside-${form.name}`);
    await system.ticket(`Row37-${other}-beside-${form.name}`, 'open');
    const called = (await system.simulator.requests(last)).filter((asked) => asked.provider === provider);
    assert.equal(called.length, 0, `${form.name}: the PSA was called ${called.length} times while it rests`);
  }
  const pauses = await diary.read(known);
  assert.deepEqual(complaintsOf(form, pauses), []);
  run.measured(`${provider}, ${form.name}: rest, s`, Math.round((pauses[0]?.ms ?? 0) / 1000));

  phase('heal');
  await system.simulator.heal();
  await diary.pass();
  for (const job of jobs) await system.ticket(job, result === 'failure' ? 'open' : 'closed');
  await system.report(system.account(other), 'success', `Row37-${other}-beside-${form.name}`);
}

export const row: FaultRow = {
  number: 37,
  fault:
    'the PSA answers everything with 429: with Retry-After in seconds, as a date, in the past, absurdly far away, or with none',
  expected:
    'it rests as long as asked, a second at least and an hour at most, at half its rate, without a call; the breaker stays closed, the other PSA does not notice',
  promises: ['P4', 'P5'],
  group: 'psas',
  smaller: 'apps/ticketing/src/lanes/outages.db.spec.ts',
  async run(run) {
    run.phase('arrange');
    for (const provider of run.isLong ? PROVIDERS : PROVIDERS.slice(0, 1)) {
      const diary = new PauseDiary(run.system.stores, ticketingOf(provider));
      await diary.begin();
      for (const index of FORMS.keys()) await storm(run, provider, diary, index);
      await diary.end();
      for (let n = 0; n < ACCOUNTS_PER_PSA; n += 1)
        await run.system.report(run.system.account(provider, n), 'success', `Row37-${provider}-${n}`);
    }
    await run.invariants();
  },
};
