import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A brand may demand a second factor of its people; a session remembers whether it was shown one. */
export class FactorDemand1763910000000 implements MigrationInterface {
  readonly name = 'FactorDemand1763910000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE brand ADD COLUMN require_second_factor boolean;
      COMMENT ON COLUMN brand.require_second_factor IS 'null: says nothing, and what stands above it holds';
      UPDATE brand SET require_second_factor = false WHERE parent_id IS NULL;
      ALTER TABLE login_session ADD COLUMN has_shown_factor boolean NOT NULL DEFAULT false;
      -- Nobody who has an authenticator logs in without it, and setting it up ended the sessions of before.
      UPDATE login_session s SET has_shown_factor = true
      WHERE EXISTS (SELECT 1 FROM totp t WHERE t.person_id = s.person_id AND t.is_confirmed);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE login_session DROP COLUMN has_shown_factor;
      ALTER TABLE brand DROP COLUMN require_second_factor;
    `);
  }
}
