import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When something was last heard of a problem that a site outage holds: one that is silent for long is let go of. */
export class HeardProblems1764300000000 implements MigrationInterface {
  readonly name = 'HeardProblems1764300000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE raised ADD COLUMN heard_at timestamptz(3) NOT NULL DEFAULT now();
      COMMENT ON COLUMN raised.heard_at IS 'when its last event came; kept only where site_cust_id is not null';
      CREATE INDEX raised_by_silence ON raised (heard_at) WHERE site_cust_id IS NOT NULL;
      CREATE TABLE listening (
        id smallint PRIMARY KEY CHECK (id = 1),
        since timestamptz(3) NOT NULL,
        last_at timestamptz(3) NOT NULL
      );
      COMMENT ON TABLE listening IS 'since when this service has been there without a day away: before, silence says nothing';
      INSERT INTO listening VALUES (1, now(), now());
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'DROP TABLE listening; DROP INDEX raised_by_silence; ALTER TABLE raised DROP COLUMN heard_at',
    );
  }
}
