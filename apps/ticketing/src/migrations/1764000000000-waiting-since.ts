import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Since when a command waits. Not the clock's time, which would rewrite every row that is there. */
export class WaitingSince1764000000000 implements MigrationInterface {
  readonly name = 'WaitingSince1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE command ADD COLUMN created_at timestamptz NOT NULL DEFAULT now()');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE command DROP COLUMN created_at');
  }
}
