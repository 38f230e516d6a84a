import assert from 'node:assert/strict';
import pg from 'pg';
import { eventually } from '../../eventually.js';
import { duplicatiReport } from '../duplicati.js';
import type { FaultRow } from '../row.js';
import type { System } from '../system.js';
import type { StoreName } from '../topology.js';

/** As often as a transaction is done again. */
const LOSSES = 3;
/** Where a transaction of the road from a report to its ticket writes. */
const WRITES: [StoreName, string][] = [
  ['ingestion', 'event'],
  ['notifications', 'raised'],
  ['ticketing-connectwise', 'incident'],
];
const LOSE = (table: string): string => `
  CREATE SEQUENCE row13;
  CREATE FUNCTION row13() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
    IF nextval('row13') <= ${LOSSES} THEN RAISE EXCEPTION 'row 13' USING ERRCODE = '40001'; END IF;
    RETURN NULL; END $$;
  CREATE TRIGGER row13 BEFORE INSERT ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION row13()`;
const LOSE_NO_MORE = (table: string): string =>
  `DROP TRIGGER row13 ON ${table}; DROP FUNCTION row13; DROP SEQUENCE row13`;

const DEADLOCKS =
  'SELECT deadlocks::int AS deadlocks FROM pg_stat_database WHERE datname = current_database()';
const WAITS = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'notifications'
  AND wait_event_type = 'Lock'`;

const repeats = ({ fleet }: System): number =>
  WRITES.reduce((sum, [name]) => sum + fleet.service(name).logs().split('will be repeated').length - 1, 0);

/** Every transaction of that job's road loses as often as it may, and wins then. */
async function loseAll(system: System, job: string): Promise<void> {
  const account = system.account('connectwise', 3);
  const at = system.ledger.nextTime(account, job);
  for (const [store, table] of WRITES) await system.stores.query(store, LOSE(table));
  try {
    const answer = await system.post(account, duplicatiReport('failure', job, at));
    assert.equal(answer.status, 200, 'a race that was lost reached the agent');
    system.ledger.note({ account, job, result: 'failure', at });
    await system.ticket(job, 'open');
    for (const [store, table] of WRITES) {
      const [row] = await system.stores.query<{ n: string }>(store, 'SELECT last_value AS n FROM row13');
      assert.equal(Number(row?.n), LOSSES + 1, `${table} was written in another number of attempts`);
    }
  } finally {
    for (const [store, table] of WRITES) await system.stores.query(store, LOSE_NO_MORE(table));
  }
}

/** Crosses locks with the transaction that applies the rules; it is that one which PostgreSQL ends. */
async function deadlock(system: System, job: string): Promise<void> {
  const other = new pg.Client({ connectionString: system.storeUrl('notifications') });
  await other.connect();
  try {
    await other.query("SET deadlock_timeout = '60s'");
    await other.query('BEGIN');
    // Before its own write of the inbox is over, the service waits for what is ours; then we ask for what is its.
    await other.query('LOCK TABLE raised IN EXCLUSIVE MODE');
    await system.report(system.account('connectwise', 4), 'failure', job);
    await eventually(async () => (await system.stores.count('notifications', WAITS)) > 0, {
      timeoutMs: 30_000,
      intervalMs: 20,
    });
    await other.query('LOCK TABLE inbox IN SHARE MODE');
    await other.query('COMMIT');
  } finally {
    await other.end();
  }
}

export const row: FaultRow = {
  number: 13,
  fault: 'transactions lose races: serialization failures one after the other, and a deadlock',
  expected: 'each is done again at once, three times at most; nobody outside notices',
  promises: ['P1', 'P2', 'P4'],
  group: 'wires',
  smaller: 'libs/persistence/src/unit-of-work.db.spec.ts',
  async run({ system, phase, invariants, measured }) {
    phase('arrange');
    const before = repeats(system);
    const deadlocks = async (): Promise<number> =>
      (await system.stores.query<{ deadlocks: number }>('notifications', DEADLOCKS))[0]?.deadlocks ?? 0;
    const deadlocksBefore = await deadlocks();

    phase('inject');
    await loseAll(system, 'Row13-serialization');
    await deadlock(system, 'Row13-deadlock');

    phase('expect');
    await system.ticket('Row13-deadlock', 'open');
    await eventually(async () => (await deadlocks()) > deadlocksBefore, { timeoutMs: 30_000 });
    assert.equal(repeats(system), before, 'a lost race was left to Kafka to deliver again');
    measured('races lost', LOSSES * WRITES.length + 1);

    phase('heal');
    await invariants();
  },
};
