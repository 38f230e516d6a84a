import assert from 'node:assert/strict';
import { eventually } from '../../eventually.js';
import type { FaultRow } from '../row.js';
import type { System } from '../system.js';

/** One account's schedule, when its job was seen last, and when it must be expected next: `YYYY-MM-DDTHH:MMZ`. */
interface Case {
  what: string;
  at: string;
  timeZone: string;
  seen: string;
  expected: string;
}

const CASES: readonly Case[] = [
  ['a day of 23 hours', '01:00', 'Europe/Berlin', '2026-03-29T00:05Z', '2026-03-29T23:00Z'],
  ['a day of 25 hours', '01:00', 'Europe/Berlin', '2026-10-24T23:05Z', '2026-10-26T00:00Z'],
  ['a time that is left out', '02:30', 'Europe/Berlin', '2026-03-28T01:35Z', '2026-03-29T01:30Z'],
  ['a time that comes twice', '02:30', 'Europe/Berlin', '2026-10-25T00:35Z', '2026-10-26T01:30Z'],
  ['left out in New York', '02:30', 'America/New_York', '2026-03-07T07:35Z', '2026-03-08T07:30Z'],
  ['twice in New York', '01:30', 'America/New_York', '2026-10-31T05:35Z', '2026-11-01T05:30Z'],
  ['half an hour left out', '02:15', 'Australia/Lord_Howe', '2026-10-02T15:50Z', '2026-10-03T15:45Z'],
  ['midnight left out', '00:30', 'Africa/Cairo', '2026-04-22T22:35Z', '2026-04-23T22:30Z'],
  ['the end of a year', '00:30', 'Europe/Berlin', '2026-12-31T12:00Z', '2026-12-31T23:30Z'],
  ['the end of a year, far ahead', '23:59', 'Pacific/Kiritimati', '2026-12-31T08:00Z', '2026-12-31T09:59Z'],
  ['a leap day', '12:00', 'Europe/Berlin', '2028-02-28T11:05Z', '2028-02-29T11:00Z'],
].map(([what = '', at = '', timeZone = '', seen = '', expected = '']) => ({
  what,
  at,
  timeZone,
  seen,
  expected,
}));
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const JOB = 'Row46';
/** The look that is due stays where it is: this moves what is known, and nothing is told of it. */
const SEEN = 'UPDATE expectation SET last_run_at = $3, ver = ver + 1 WHERE account_no = $1 AND job_hash = $2';

interface Job {
  id: string;
  jobName: string | null;
  lastRunAt: string | null;
  expectedAt: string | null;
}

/** What its partner is told of the job. */
async function jobOf({ partner }: System, path: string): Promise<Job | null> {
  const { jobs } = await partner.get<{ jobs: Job[] }>(path);
  return jobs.find(({ jobName }) => jobName === JOB) ?? null;
}

export const row: FaultRow = {
  number: 46,
  fault: 'clocks on the wall are put on and back, and a year ends, in the zone of a schedule',
  expected:
    'the next run is expected at the instant of a table that was written by hand, and nothing is told early',
  promises: ['P8'],
  group: 'psas',
  smaller: 'libs/domain/src/schedules/expected-times.spec.ts',
  async run({ system, phase, invariants, measured }) {
    phase('arrange');
    const account = system.account('connectwise', 3);
    const { accountNo } = account;
    const path = `/accounts/${accountNo}/schedule`;
    await system.report(account, 'success', JOB);
    const known = await eventually(() => jobOf(system, path).then((job) => job ?? false), {
      timeoutMs: 90_000,
    });
    const hash = BigInt.asIntN(64, BigInt(`0x${known.id}`)).toString();
    const told: Record<string, string | null | undefined> = {};

    for (const { what, at, timeZone, seen } of CASES) {
      phase('inject');
      const times = { weekly: { days: DAYS, at: [at], timeZone } };
      await system.partner.put(path, { mode: 'set', times });
      await system.stores.query('ingestion', SEEN, [accountNo, hash, seen]);

      phase('expect');
      told[what] = (await jobOf(system, path))?.expectedAt?.replace(':00.000Z', 'Z');
      await system.stores.query('ingestion', SEEN, [accountNo, hash, known.lastRunAt]);
    }
    assert.deepEqual(told, Object.fromEntries(CASES.map(({ what, expected }) => [what, expected])));
    measured('instants', CASES.length);

    phase('heal');
    await system.partner.put(path, { mode: 'learned' });
    await invariants();
    assert.equal(await system.events(JOB), 1);
  },
};
