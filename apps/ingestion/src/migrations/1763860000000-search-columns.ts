import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What the event log is searched by, beside the body; and of each action what its partner should look into: what failed,
 * what is tried again, and what was skipped because something is not set up. A ticket that opened after all is none.
 */
export class SearchColumns1763860000000 implements MigrationInterface {
  readonly name = 'SearchColumns1763860000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE event ADD brand_id uuid, ADD status text, ADD job text, ADD host_name text, ADD message text;
      UPDATE event SET
        brand_id = (body::json #>> '{tenant,brandId}')::uuid,
        status = body::json #>> '{outcome,status}',
        job = left(coalesce(body::json #>> '{job,jobName}', body::json #>> '{job,nativeJobId}'), 500),
        host_name = left(body::json #>> '{identity,hostName}', 500),
        message = left(coalesce(body::json #>> '{outcome,message}', body::json #>> '{issues,0,message}'), 2000);
      COMMENT ON COLUMN event.message IS 'as it is searched: the first 2,000 characters; the whole is in body';
      ALTER TABLE event_action ADD problem text GENERATED ALWAYS AS (
        CASE WHEN state = 'failed' OR (state = 'pending' AND reason IS NOT NULL)
          OR (state = 'skipped' AND reason IN ('not_connected', 'not_available_yet'))
        THEN coalesce(nullif(message, ''), reason, state) END) STORED;
      CREATE INDEX event_action_problem ON event_action (partner_id, event_id) WHERE problem IS NOT NULL;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE event_action DROP problem;
      ALTER TABLE event DROP brand_id, DROP status, DROP job, DROP host_name, DROP message;
    `);
  }
}
