import { createRuntimeRole, grantRuntime, protectTables, unprotectTables } from '@backhaul/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = [
  'known_partner',
  'known_customer',
  'known_account',
  'known_brand',
  'customer_map',
  'psa_connection',
  'incident',
  'lane',
];

/** The second wall: PostgreSQL itself shows a partner its own rows only. */
export class RowLevelSecurity1763800400000 implements MigrationInterface {
  readonly name = 'RowLevelSecurity1763800400000';

  async up(runner: QueryRunner): Promise<void> {
    await createRuntimeRole(runner);
    await grantRuntime(runner);
    await protectTables(runner, TABLES);
  }

  down(runner: QueryRunner): Promise<void> {
    return unprotectTables(runner, TABLES);
  }
}
