import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who asked for a new password, and the links that were mailed. */
export class PasswordResets1763800000000 implements MigrationInterface {
  readonly name = 'PasswordResets1763800000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE password_reset_request (
        request_id uuid PRIMARY KEY,
        username text NOT NULL,
        requested_at timestamptz NOT NULL
      );
      COMMENT ON TABLE password_reset_request IS 'not looked at yet: known and unknown names alike';
      CREATE TABLE password_reset (
        token_hash text PRIMARY KEY,
        person_id uuid NOT NULL UNIQUE REFERENCES person ON DELETE CASCADE,
        expires_at timestamptz NOT NULL
      );
      COMMENT ON COLUMN password_reset.person_id IS 'one link at a time: a new one ends the one before';
      ALTER TABLE operator ADD COLUMN contact text;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE operator DROP COLUMN contact;
      DROP TABLE password_reset, password_reset_request;
    `);
  }
}
