import assert from 'node:assert/strict';
import pg from 'pg';
import { eventually } from '../../eventually.js';
import { duplicatiReport } from '../duplicati.js';
import type { FaultRow } from '../row.js';
import type { System } from '../system.js';

const SLOW_COMMIT = `
  CREATE FUNCTION slow_commit() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(4); RETURN NULL; END';
  CREATE CONSTRAINT TRIGGER slow_commit AFTER INSERT ON event DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION slow_commit()`;
const SOUND_COMMIT = 'DROP TRIGGER slow_commit ON event; DROP FUNCTION slow_commit';

async function asAdmin(system: System, ...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString: system.postgres.address });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Sends a report whose COMMIT hangs at that wait event, and kills PostgreSQL there. */
async function dieInCommit(system: System, job: string, at: Date, waitEvent: string): Promise<void> {
  const sent = system.post(system.account('connectwise'), duplicatiReport('failure', job, at)).then(
    ({ status }) => status,
    () => null,
  );
  await eventually(() =>
    system.stores
      .count(
        'ingestion',
        "SELECT 1 FROM pg_stat_activity WHERE application_name = 'ingestion-events' AND wait_event = $1",
        [waitEvent],
      )
      .then((count) => count > 0),
  );
  await system.postgres.kill();
  assert.notEqual(await sent, 200, 'a report was accepted whose COMMIT had not come back');
}

export const row: FaultRow = {
  number: 10,
  fault: 'PostgreSQL is killed during COMMIT: once before it is durable, once after, with the word lost',
  expected: 'the agent is not told that it is accepted; it sends the same again; one event in both cases',
  promises: ['P1', 'P2'],
  group: 'servers',
  async run({ system, phase, invariants }) {
    phase('arrange');
    const account = system.account('connectwise');
    const lost = system.ledger.nextTime(account, 'Row10-lost');
    const kept = system.ledger.nextTime(account, 'Row10-kept');
    await system.stores.query('ingestion', SLOW_COMMIT);

    phase('inject');
    await dieInCommit(system, 'Row10-lost', lost, 'PgSleep');

    phase('expect');
    await system.postgres.restart();
    assert.equal(await system.events('Row10-lost'), 0);
    await system.stores.query('ingestion', SOUND_COMMIT);
    await system.report(account, 'failure', 'Row10-lost', lost);

    phase('inject');
    // With a standby that does not exist a COMMIT is durable here, and its word never comes.
    await asAdmin(system, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'", 'SELECT pg_reload_conf()');
    await dieInCommit(system, 'Row10-kept', kept, 'SyncRep');

    phase('expect');
    await system.postgres.restart();
    assert.equal(await system.events('Row10-kept'), 1);

    phase('heal');
    await asAdmin(system, 'ALTER SYSTEM RESET synchronous_standby_names', 'SELECT pg_reload_conf()');
    await system.report(account, 'failure', 'Row10-kept', kept);
    await system.ticket('Row10-lost', 'open', 120_000);
    await system.ticket('Row10-kept', 'open', 120_000);
    await invariants(180_000);
    assert.equal(await system.events('Row10-lost'), 1);
    assert.equal(await system.events('Row10-kept'), 1);
  },
};
