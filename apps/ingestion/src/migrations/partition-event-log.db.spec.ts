import { expect, it, jest } from '@jest/globals';
import { hash } from 'node:crypto';
import { uuidFrom, uuidv7 } from '@backhaul/domain';
import { testDatabase, unprotectedTables } from '@backhaul/testing';
import { MIGRATIONS } from '../migrations.js';
import { PartitionEventLog1764200100000 } from './1764200100000-partition-event-log.js';
import { EventKeys1764200000000 } from './1764200000000-event-keys.js';

jest.setTimeout(60_000);

const BEFORE = MIGRATIONS.slice(0, MIGRATIONS.indexOf(EventKeys1764200000000));
const FILL = `
  INSERT INTO event (event_id, partner_id, dedupe_id, body_hash, account_no, cust_id, bucket, job_hash, occurred_at,
    is_conclusive, is_success, type, severity, body, raw)
  VALUES ($1, $2, $3, $4, 1, 1, 5, 1, now(), true, true, 'backup.completed', 'OK', $5, '\\x00')`;

const OWNER = `owner_${uuidv7(Date.now()).slice(-12)}`;
/** As in an installation: who migrates owns the tables and passes by no policy. */
const TO_OWNER = `
  CREATE ROLE ${OWNER};
  ALTER SCHEMA public OWNER TO ${OWNER};
  DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
      EXECUTE format('ALTER TABLE %I OWNER TO ${OWNER}', name);
    END LOOP;
  END $$`;

it('a filled log is divided without a row lost, changed or moved in the order of the outbox; and back again', async () => {
  const database = await testDatabase({ migrations: BEFORE });
  const { dataSource } = database;
  const rows = (): Promise<unknown[]> => dataSource.query('SELECT * FROM event ORDER BY xid, event_id');
  try {
    const times = [Date.UTC(2024, 0, 1), Date.now() - 1000, Date.now(), Date.now() + 200 * 86_400_000];
    for (const at of times) {
      const id = uuidv7(at);
      const digest = hash('sha256', id, 'buffer');
      await dataSource.query(FILL, [id, uuidFrom('p'), uuidFrom('d', id), digest, `{"at":${at}}`]);
    }
    const before = await rows();
    await dataSource.query(TO_OWNER);
    const runner = dataSource.createQueryRunner();
    await runner.query(`SET ROLE ${OWNER}`);
    const [keys, months] = [new EventKeys1764200000000(), new PartitionEventLog1764200100000()];
    for (const migration of [keys, months]) {
      await runner.startTransaction();
      await migration.up(runner);
      await runner.commitTransaction();
    }
    expect(await rows()).toEqual(before);
    expect(await unprotectedTables(dataSource)).toEqual([]);
    const where = await dataSource.query<{ name: string }[]>(
      'SELECT tableoid::regclass::text AS name FROM event ORDER BY xid',
    );
    expect(where.map(({ name }) => name)).toEqual([
      'event_first',
      'event_first',
      'event_first',
      'event_default',
    ]);
    const keyed = await dataSource.query<unknown[]>(
      'SELECT 1 FROM event JOIN event_key USING (dedupe_id, event_id)',
    );
    expect(keyed).toHaveLength(times.length);
    const floor = await dataSource.query<unknown[]>('SELECT name FROM event_partition WHERE is_settled');
    expect(floor).toEqual([]);
    for (const migration of [months, keys]) {
      await runner.startTransaction();
      await migration.down(runner);
      await runner.commitTransaction();
    }
    expect(await rows()).toEqual(before);
    await runner.query('RESET ROLE');
    await runner.release();
  } finally {
    await dataSource.query(`DROP OWNED BY ${OWNER} CASCADE; DROP ROLE ${OWNER}`);
    await database.close();
  }
});
