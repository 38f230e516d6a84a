import { protectTables } from '@backhaul/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who logs in: accounts and the platform's operators, their sessions, tokens and failures. */
export class People1763600000000 implements MigrationInterface {
  readonly name = 'People1763600000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE operator (
        operator_id uuid PRIMARY KEY,
        username text NOT NULL,
        password_hash text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE UNIQUE INDEX operator_username ON operator (lower(username));
      CREATE INDEX account_login ON account (lower(username));
      CREATE TABLE person (
        person_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        account_no bigint UNIQUE REFERENCES account (account_no) ON DELETE CASCADE,
        operator_id uuid UNIQUE REFERENCES operator ON DELETE CASCADE,
        has_short_password boolean NOT NULL DEFAULT false,
        CHECK (num_nonnulls(account_no, operator_id) = 1)
      );
      COMMENT ON COLUMN person.has_short_password IS 'shorter than a password may be that stands alone';
      CREATE TABLE login_session (
        session_id uuid PRIMARY KEY,
        person_id uuid NOT NULL REFERENCES person ON DELETE CASCADE,
        token_hash text NOT NULL UNIQUE,
        ip text NOT NULL,
        user_agent text NOT NULL,
        created_at timestamptz NOT NULL,
        last_seen_at timestamptz NOT NULL,
        stepped_up_at timestamptz NOT NULL,
        impersonated_id uuid REFERENCES person ON DELETE SET NULL,
        impersonated_until timestamptz,
        impersonation_reason text
      );
      CREATE INDEX login_session_of_person ON login_session (person_id);
      CREATE TABLE access_token (
        token_hash text PRIMARY KEY,
        person_id uuid NOT NULL REFERENCES person ON DELETE CASCADE,
        expires_at timestamptz NOT NULL
      );
      CREATE INDEX access_token_of_person ON access_token (person_id);
      CREATE TABLE login_throttle (
        subject text PRIMARY KEY,
        failures int NOT NULL,
        last_at timestamptz NOT NULL,
        blocked_until timestamptz
      );
      CREATE TABLE login_attempt (
        attempt_id uuid PRIMARY KEY,
        at timestamptz NOT NULL,
        partner_id uuid,
        account_no bigint,
        username text NOT NULL,
        ip text NOT NULL,
        outcome text NOT NULL
      );
      CREATE INDEX login_attempt_at ON login_attempt (at);
    `);
    await protectTables(runner, ['login_attempt']);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE login_attempt, login_throttle, access_token, login_session, person, operator;
      DROP INDEX account_login;
    `);
  }
}
