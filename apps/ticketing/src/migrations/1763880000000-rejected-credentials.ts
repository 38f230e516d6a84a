import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Why the PSA refuses the credentials of a connection, as accounts was told (B14). */
export class RejectedCredentials1763880000000 implements MigrationInterface {
  readonly name = 'RejectedCredentials1763880000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE psa_connection ADD COLUMN rejected text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE psa_connection DROP COLUMN rejected');
  }
}
