import { createRuntimeRole, grantRuntime, protectTables, unprotectTables } from '@backhaul/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

const TABLES = ['rules', 'rules_partner_version', 'raised', 'known_brand', 'idempotency_key'];

/** The second wall: PostgreSQL itself shows a partner its own rows only. */
export class RowLevelSecurity1763600300000 implements MigrationInterface {
  readonly name = 'RowLevelSecurity1763600300000';

  async up(runner: QueryRunner): Promise<void> {
    await createRuntimeRole(runner);
    await grantRuntime(runner);
    await protectTables(runner, TABLES);
  }

  down(runner: QueryRunner): Promise<void> {
    return unprotectTables(runner, TABLES);
  }
}
