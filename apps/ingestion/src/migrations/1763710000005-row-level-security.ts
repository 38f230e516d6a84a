import { createRuntimeRole, grantRuntime, protectTables, unprotectTables } from '@backhaul/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = [
  'partner',
  'customer',
  'account',
  'account_match',
  'known_brand',
  'endpoint',
  'event',
  'event_decision',
  'event_action',
  'idempotency_key',
];

/** The second wall: PostgreSQL itself shows a partner its own rows only. */
export class RowLevelSecurity1763710000005 implements MigrationInterface {
  readonly name = 'RowLevelSecurity1763710000005';

  async up(runner: QueryRunner): Promise<void> {
    await createRuntimeRole(runner);
    await grantRuntime(runner);
    await protectTables(runner, TABLES);
  }

  down(runner: QueryRunner): Promise<void> {
    return unprotectTables(runner, TABLES);
  }
}
