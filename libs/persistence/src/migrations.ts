import type { MigrationInterface, QueryRunner } from 'typeorm';
import { DeadLetters1764000100000 } from './dead-letters/create-dead-letters.js';
import { UnsentAreLetters1764140000000 } from './dead-letters/unsent-are-letters.js';
import { CheaperPolicies1763990000000 } from './tenancy/row-level-security.js';

/** Outbox, its leases, the inbox, and the starts of records that may kill the process. */
export class CreateMessaging1763000000000 implements MigrationInterface {
  readonly name = 'CreateMessaging1763000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE outbox (
        id uuid PRIMARY KEY,
        bucket smallint NOT NULL,
        xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
        seq bigint GENERATED ALWAYS AS IDENTITY,
        topic text NOT NULL,
        key text NOT NULL,
        headers text NOT NULL,
        payload text,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp()
      );
      CREATE INDEX outbox_order ON outbox (bucket, xid, seq);
      CREATE TABLE outbox_refused (LIKE outbox INCLUDING DEFAULTS, reason text NOT NULL, refused_at timestamptz NOT NULL DEFAULT clock_timestamp());
      CREATE TABLE relay_lease (
        bucket smallint PRIMARY KEY,
        owner uuid,
        epoch bigint NOT NULL DEFAULT 0,
        expires_at timestamptz NOT NULL DEFAULT '-infinity',
        pos_xid xid8,
        pos_id uuid
      );
      CREATE TABLE relay_member (owner uuid PRIMARY KEY, expires_at timestamptz NOT NULL);
      INSERT INTO relay_lease (bucket) SELECT generate_series(0, 63);
      CREATE TABLE inbox (
        consumer text NOT NULL,
        id uuid NOT NULL,
        at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (consumer, id)
      );
      CREATE INDEX inbox_age ON inbox (at);
      CREATE TABLE message_attempt (key text PRIMARY KEY, starts int NOT NULL, at timestamptz NOT NULL DEFAULT now());
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'DROP TABLE message_attempt, inbox, relay_member, relay_lease, outbox_refused, outbox',
    );
  }
}

/**
 * A relay reads the oldest rows of all its buckets: one walk of one index, which passes what was removed only once.
 */
export class OutboxOrder1763000200000 implements MigrationInterface {
  readonly name = 'OutboxOrder1763000200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX outbox_order;
      CREATE INDEX outbox_order ON outbox (xid, seq);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX outbox_order;
      CREATE INDEX outbox_order ON outbox (bucket, xid, seq);
    `);
  }
}

/** To be listed first among an app's migrations. */
export const PERSISTENCE_MIGRATIONS = [
  CreateMessaging1763000000000,
  OutboxOrder1763000200000,
  CheaperPolicies1763990000000,
  DeadLetters1764000100000,
  UnsentAreLetters1764140000000,
];
