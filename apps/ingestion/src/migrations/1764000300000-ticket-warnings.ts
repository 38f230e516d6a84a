import type { MigrationInterface, QueryRunner } from 'typeorm';

const FAILED = `state = 'failed' OR (state = 'pending' AND reason IS NOT NULL)
  OR (state = 'skipped' AND reason IN ('not_connected', 'not_available_yet'))`;
const problemWhen = (condition: string): string => `
  ALTER TABLE event_action ALTER COLUMN problem SET EXPRESSION AS (
    CASE WHEN ${condition} THEN coalesce(nullif(message, ''), reason, state) END)`;

/** What people did to a ticket in the PSA stands among what somebody should look into (E64), though it was noted. */
export class TicketWarnings1764000300000 implements MigrationInterface {
  readonly name = 'TicketWarnings1764000300000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      problemWhen(`${FAILED} OR (state = 'done' AND reason IN ('merged', 'moved', 'child'))`),
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(problemWhen(FAILED));
  }
}
