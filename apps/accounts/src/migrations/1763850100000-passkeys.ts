import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Passkeys of people, and the challenges that wait for an answer. */
export class Passkeys1763850100000 implements MigrationInterface {
  readonly name = 'Passkeys1763850100000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE passkey (
        passkey_id uuid PRIMARY KEY,
        person_id uuid NOT NULL REFERENCES person ON DELETE CASCADE,
        credential_id text NOT NULL CONSTRAINT passkey_credential UNIQUE,
        public_key bytea NOT NULL,
        counter bigint NOT NULL,
        transports text[] NOT NULL,
        name text NOT NULL,
        created_at timestamptz NOT NULL,
        last_used_at timestamptz
      );
      COMMENT ON COLUMN passkey.counter IS 'of the authenticator; one that does not grow is a copy. 0: it counts nothing';
      CREATE INDEX passkey_of_person ON passkey (person_id);
      CREATE TABLE passkey_challenge (
        challenge_hash text PRIMARY KEY,
        purpose text NOT NULL CHECK (purpose IN ('add', 'log-in', 'step-up')),
        session_id uuid REFERENCES login_session ON DELETE CASCADE,
        expires_at timestamptz NOT NULL
      );
      CREATE INDEX passkey_challenge_by_age ON passkey_challenge (expires_at);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE passkey_challenge, passkey');
  }
}
