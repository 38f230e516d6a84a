import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Codes of an authenticator, and what opens the door when that is lost. */
export class SecondFactors1763600100000 implements MigrationInterface {
  readonly name = 'SecondFactors1763600100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE totp (
        person_id uuid PRIMARY KEY REFERENCES person ON DELETE CASCADE,
        sealed_secret text NOT NULL,
        is_confirmed boolean NOT NULL DEFAULT false,
        last_step bigint NOT NULL DEFAULT 0
      );
      COMMENT ON COLUMN totp.last_step IS 'the last 30 s whose code was used: no code works twice';
      CREATE TABLE recovery_code (
        person_id uuid NOT NULL REFERENCES person ON DELETE CASCADE,
        code_hash text NOT NULL,
        PRIMARY KEY (person_id, code_hash)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE recovery_code, totp');
  }
}
