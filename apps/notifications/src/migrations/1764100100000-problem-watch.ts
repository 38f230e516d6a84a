import { protectTables } from '@backhaul/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What rules wait for, and how each problem went so far. */
export class ProblemWatch1764100100000 implements MigrationInterface {
  readonly name = 'ProblemWatch1764100100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE rules ADD COLUMN after_count integer, ADD COLUMN after_minutes integer,
        ADD COLUMN flapping_changes integer, ADD COLUMN flapping_within_minutes integer;
      CREATE TABLE problem_watch (
        incident_key text NOT NULL,
        rule_id uuid NOT NULL,
        partner_id uuid NOT NULL,
        account_no integer NOT NULL,
        course json NOT NULL,
        withheld json,
        reason text,
        due_at timestamptz(3),
        updated_at timestamptz(3) NOT NULL DEFAULT now(),
        PRIMARY KEY (incident_key, rule_id)
      );
      COMMENT ON COLUMN problem_watch.course IS 'failures in a row, since when, and when it broke or healed';
      COMMENT ON COLUMN problem_watch.withheld IS 'the request that was not published, and what it is judged by';
      CREATE INDEX problem_watch_due ON problem_watch (due_at) WHERE due_at IS NOT NULL;
      CREATE INDEX problem_watch_by_rule ON problem_watch (rule_id);
      CREATE INDEX problem_watch_by_age ON problem_watch (updated_at);
    `);
    await protectTables(runner, ['problem_watch']);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE problem_watch;
      ALTER TABLE rules DROP COLUMN after_count, DROP COLUMN after_minutes,
        DROP COLUMN flapping_changes, DROP COLUMN flapping_within_minutes;
    `);
  }
}
