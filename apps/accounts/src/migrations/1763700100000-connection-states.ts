import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which interface a link speaks (B4-B11), and what its last test said (B14). */
export class ConnectionStates1763700100000 implements MigrationInterface {
  readonly name = 'ConnectionStates1763700100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE psa_connection
        ADD COLUMN mode text NOT NULL DEFAULT 'rest' CHECK (mode IN ('rest', 'soap')),
        ADD COLUMN last_check text;
      COMMENT ON COLUMN psa_connection.last_check IS 'JSON: version that was tested, reason, at';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE psa_connection DROP COLUMN last_check, DROP COLUMN mode');
  }
}
