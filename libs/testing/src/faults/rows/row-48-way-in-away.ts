import assert from 'node:assert/strict';
import { eventually } from '../../eventually.js';
import type { Account } from '../partner.js';
import type { FaultRow } from '../row.js';
import type { System } from '../system.js';

const AWAY_HOURS = 3;
/** With an hour of grace, each of them looked at alone: when its run was expected, in hours from now. */
const CASES = [
  { job: 'Row48-due-meanwhile', expected: -2, isMissed: false },
  { job: 'Row48-due-as-it-came-back', expected: -1.01, isMissed: false },
  // It was silent for its hour of grace while everything could come in.
  { job: 'Row48-due-before', expected: -5, isMissed: true },
] as const;
const GRACE_HOURS = 1;

const OF_JOB = `account_no = $1 AND job_hash <> 0 AND last_event_id = (
  SELECT event_id FROM event WHERE account_no = $1 AND body::json->'job'->>'nativeJobId' = $2 ORDER BY event_id DESC LIMIT 1)`;
const KNOWN = `SELECT 1 FROM expectation WHERE ${OF_JOB}`;
const AGE = `UPDATE expectation SET last_run_at = clock_timestamp() + ($3::float8 - 24) * interval '1 h',
  due_at = clock_timestamp() + ($3::float8 + $4) * interval '1 h', ver = ver + 1 WHERE ${OF_JOB}`;
const EXCUSED = `SELECT 1 FROM expectation WHERE ${OF_JOB} AND excused_at IS NOT NULL AND status = 'waiting'`;
const ALARMS = `SELECT occurred_at AS at FROM event WHERE body::json->>'type' = 'backup.missed'
  AND body::json->'job'->>'nativeJobId' = $1`;

const scheduleOf = ({ accountNo }: Account): string => `/accounts/${accountNo}/schedule`;

/** When it was told that the job's backup is missed. */
async function alarmsOf({ stores }: System, job: string): Promise<Date[]> {
  return (await stores.query<{ at: Date }>('ingestion', ALARMS, [job])).map(({ at }) => at);
}

export const row: FaultRow = {
  number: 48,
  fault: 'ingestion is away for three hours, in which runs are due, and comes back',
  expected: 'no missed backup is told because of it; what was silent before it went is told',
  promises: ['P8'],
  group: 'psas',
  smaller: 'apps/ingestion/src/schedules/false-alarms.db.spec.ts',
  async run({ system, phase, invariants, measured }) {
    const { stores, ledger } = system;
    phase('arrange');
    const jobs = CASES.map((one, index) => ({ ...one, account: system.account('autotask', index) }));
    for (const { account, job } of jobs) {
      await system.report(account, 'success', job);
      await system.partner.put(scheduleOf(account), {
        mode: 'set',
        times: { everyHours: 24 },
        graceMinutes: GRACE_HOURS * 60,
      });
      await stores.until('ingestion', KNOWN, { params: [account.accountNo, job] });
    }

    phase('inject');
    await system.fleet.end('ingestion');
    // As if it had gone three hours ago, and the runs before had been a day before those that did not come.
    await stores.query(
      'ingestion',
      "UPDATE ingest_watch SET beat_at = clock_timestamp() - $1 * interval '1 h'",
      [AWAY_HOURS],
    );
    for (const { account, job, expected } of jobs)
      await stores.query('ingestion', AGE, [account.accountNo, job, expected, GRACE_HOURS]);
    await system.fleet.boot('ingestion');

    phase('expect');
    for (const { account, job, isMissed } of jobs) {
      if (isMissed) {
        const [at] = await eventually(
          async () => {
            const alarms = await alarmsOf(system, job);
            return alarms.length > 0 && alarms;
          },
          { timeoutMs: 60_000 },
        );
        // It is an event like any other: its ticket opens, and stays until a run comes.
        ledger.note({ account, job, result: 'failure', at: at ?? new Date(0) });
        await system.ticket(job, 'open');
      } else await stores.until('ingestion', EXCUSED, { params: [account.accountNo, job] });
    }
    const told = await Promise.all(jobs.map(async ({ job }) => (await alarmsOf(system, job)).length));
    assert.deepEqual(told, jobs.map(({ isMissed }) => (isMissed ? 1 : 0))); // prettier-ignore
    measured('alarms because of three hours away', 0);

    phase('heal');
    for (const { account, job } of jobs) {
      await system.report(account, 'success', job);
      await system.partner.put(scheduleOf(account), { mode: 'learned' });
    }
    await invariants();
    const after = await Promise.all(jobs.map(async ({ job }) => (await alarmsOf(system, job)).length));
    assert.deepEqual(after, told);
  },
};
