import { createRuntimeRole, grantRuntime, protectTables, unprotectTables } from '@backhaul/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = [
  'partner',
  'brand',
  'customer',
  'account',
  'api_key',
  'psa_connection',
  'psa_settings',
  'customer_map',
  'connection_test',
  'brand_change_request',
  'idempotency_key',
];

/** The second wall: PostgreSQL itself shows a partner its own rows only. */
export class RowLevelSecurity1763500400000 implements MigrationInterface {
  readonly name = 'RowLevelSecurity1763500400000';

  async up(runner: QueryRunner): Promise<void> {
    await createRuntimeRole(runner);
    await grantRuntime(runner);
    await protectTables(runner, TABLES);
  }

  down(runner: QueryRunner): Promise<void> {
    return unprotectTables(runner, TABLES);
  }
}
