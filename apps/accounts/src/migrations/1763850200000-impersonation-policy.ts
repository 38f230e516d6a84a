import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A partner may do without impersonation. */
export class ImpersonationPolicy1763850200000 implements MigrationInterface {
  readonly name = 'ImpersonationPolicy1763850200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE partner ADD COLUMN allows_impersonation boolean NOT NULL DEFAULT true');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE partner DROP COLUMN allows_impersonation');
  }
}
