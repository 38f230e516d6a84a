import type { AccountWatch, JobWatch, Rhythm } from '@backhaul/domain';
import type { Tx } from '@backhaul/persistence';
import {
  int2Array, int4Array, int8Array, textArray, timestamptzArray, uuidArray,
} from '../intake/binary-array.js'; // prettier-ignore
import { type Expectation, OF_ACCOUNT } from './expectation.js';
import type { Heard } from './heard.js';

export interface ExpectationKey {
  accountNo: number;
  jobHash: string;
}

interface Row {
  account_no: string;
  job_hash: string;
  partner_id: string;
  bucket: number;
  due_at: Date | null;
  status: string;
  ver: number;
  known_since: Date;
  last_event_id: string | null;
  last_run_at: Date | null;
  last_saved_at: Date | null;
  running_at: Date | null;
  excused_at: Date | null;
  told_at: Date | null;
  held_at: Date | null;
  rhythm: Rhythm | null;
  heard: Heard | null;
}

const COLUMNS = `e.account_no, e.job_hash::text, e.partner_id, e.bucket, e.due_at, e.status, e.ver, e.known_since, e.last_event_id,
  e.last_run_at, e.last_saved_at, e.running_at, e.excused_at, e.told_at, e.held_at, e.rhythm, e.heard`;

const OF_KEYS = `
  SELECT ${COLUMNS} FROM expectation e
  JOIN unnest($1::bigint[], $2::bigint[]) AS k(account_no, job_hash) USING (account_no, job_hash)`;
const OF_ONE = `SELECT ${COLUMNS} FROM expectation e WHERE e.account_no = $1 ORDER BY e.job_hash`;
const DUE = `
  SELECT ${COLUMNS} FROM expectation e WHERE e.bucket = ANY($1::smallint[]) AND e.due_at < $2
  LIMIT $3 FOR UPDATE SKIP LOCKED`;

const WRITE = `
  WITH written AS (INSERT INTO expectation (account_no, job_hash, partner_id, bucket, due_at, status, ver, known_since, last_event_id,
    last_run_at, last_saved_at, running_at, excused_at, told_at, held_at, rhythm, heard)
  SELECT account_no, job_hash, partner_id, bucket, due_at, status, ver, known_since, last_event_id, last_run_at, last_saved_at,
    running_at, excused_at, told_at, held_at, rhythm::json, heard::json
  FROM unnest($1::bigint[], $2::bigint[], $3::uuid[], $4::smallint[], $5::timestamptz[], $6::text[], $7::int[],
    $8::timestamptz[], $9::uuid[], $10::timestamptz[], $11::timestamptz[], $12::timestamptz[], $13::timestamptz[],
    $14::timestamptz[], $15::timestamptz[], $16::text[], $17::text[]) AS e(account_no, job_hash, partner_id, bucket, due_at, status, ver, known_since,
    last_event_id, last_run_at, last_saved_at, running_at, excused_at, told_at, held_at, rhythm, heard)
  ON CONFLICT (account_no, job_hash) DO UPDATE SET partner_id = excluded.partner_id, due_at = excluded.due_at,
    status = excluded.status, ver = excluded.ver + 1, last_event_id = excluded.last_event_id,
    last_run_at = excluded.last_run_at, last_saved_at = excluded.last_saved_at, running_at = excluded.running_at,
    excused_at = excluded.excused_at, told_at = excluded.told_at, held_at = excluded.held_at,
    rhythm = excluded.rhythm, heard = excluded.heard
  WHERE expectation.ver = excluded.ver
  RETURNING 1) SELECT count(*)::int AS count FROM written`;

/** Across all partners, as who follows the log and who looks for what is due work for all of them. */
export class ExpectationRepository {
  /** Those of the keys that are there. */
  async findAcrossTenants(tx: Tx, keys: readonly ExpectationKey[]): Promise<Expectation[]> {
    const rows = await tx.query<Row>(OF_KEYS, [keys.map((k) => k.accountNo), keys.map((k) => k.jobHash)]);
    return rows.map(expectationOfRow);
  }

  /** Of an account that the caller may see. */
  async ofAccount(tx: Tx, accountNo: number, lock: 'FOR UPDATE' | '' = ''): Promise<Expectation[]> {
    return (await tx.query<Row>(`${OF_ONE} ${lock}`, [accountNo])).map(expectationOfRow);
  }

  /** What was to be looked at before `beforeMs` and is worked on by nobody else, locked. */
  async claimDueAcrossTenants(
    tx: Tx,
    buckets: readonly number[],
    beforeMs: number,
    limit: number,
  ): Promise<Expectation[]> {
    return (await tx.query<Row>(DUE, [buckets, new Date(beforeMs), limit])).map(expectationOfRow);
  }

  /**
   * All of them, in the order of their keys, so that nobody waits crosswise. Who claimed what is due holds locks; others
   * find out here that a row was changed since they read it.
   *
   * @throws OvertakenError that a unit of work takes as a reason to begin anew
   */
  async write(tx: Tx, expectations: readonly Expectation[]): Promise<void> {
    if (expectations.length === 0) return;
    const [row] = await tx.query<{ count: number }>(WRITE, parametersOf([...expectations].sort(compare)));
    if (row?.count !== expectations.length) throw new OvertakenError();
  }
}

/** As PostgreSQL says it of a transaction that lost a race. */
class OvertakenError extends Error {
  readonly code = '40001';
}

const compare = (a: Expectation, b: Expectation): number =>
  a.accountNo - b.accountNo || (BigInt(a.jobHash) < BigInt(b.jobHash) ? -1 : 1);

/** The parameters of `WRITE`, in its order. */
function parametersOf(all: readonly Expectation[]): Buffer[] {
  const times = (timeOf: (one: Expectation) => number | null): Buffer =>
    timestamptzArray(all.map(timeOf).map((time) => (time === null ? null : Math.round(time))));
  return [
    int8Array(all.map(({ accountNo }) => BigInt(accountNo))),
    int8Array(all.map(({ jobHash }) => BigInt(jobHash))),
    uuidArray(all.map(({ partnerId }) => partnerId)),
    int2Array(all.map(({ bucket }) => bucket)),
    times(({ dueMs }) => dueMs),
    textArray(all.map(({ watch }) => watch.status)),
    int4Array(all.map(({ ver }) => ver)),
    times((one) => (one.kind === 'job' ? one.knownSinceMs : one.watch.knownSinceMs)),
    uuidArray(all.map(({ lastEventId }) => lastEventId)),
    times(({ watch }) => watch.lastRunMs),
    times((one) => (one.kind === 'job' ? null : one.watch.lastSavedMs)),
    times((one) => (one.kind === 'job' ? one.watch.runningMs : null)),
    times(({ watch }) => watch.excusedMs),
    times((one) => (one.kind === 'job' ? one.watch.toldMs : null)),
    times(({ heldMs }) => heldMs),
    textArray(
      all.map((one) => (one.kind === 'job' && one.watch.rhythm ? JSON.stringify(one.watch.rhythm) : null)),
    ),
    textArray(all.map(({ heard }) => (heard ? JSON.stringify(heard) : null))),
  ];
}

const ms = (at: Date | null): number | null => at?.getTime() ?? null;
function expectationOfRow(row: Row): Expectation {
  const place = {
    partnerId: row.partner_id,
    accountNo: Number(row.account_no),
    bucket: row.bucket,
    ver: row.ver,
    lastEventId: row.last_event_id,
    dueMs: ms(row.due_at),
    heldMs: ms(row.held_at),
    heard: row.heard,
  };
  const seen = { lastRunMs: ms(row.last_run_at), excusedMs: ms(row.excused_at) };
  const knownSinceMs = row.known_since.getTime();
  if (row.job_hash === OF_ACCOUNT) {
    const status = row.status as AccountWatch['status'];
    const watch = { ...seen, knownSinceMs, lastSavedMs: ms(row.last_saved_at), status };
    return { ...place, kind: 'account', jobHash: OF_ACCOUNT, watch };
  }
  const { rhythm, status } = row;
  const job = { runningMs: ms(row.running_at), toldMs: ms(row.told_at), rhythm };
  const watch = { ...seen, ...job, status: status as JobWatch['status'] };
  return { ...place, kind: 'job', jobHash: row.job_hash, knownSinceMs, watch };
}
