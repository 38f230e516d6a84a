import { protectTables } from '@backhaul/persistence';
import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Private addresses that one partner's link to a PSA may reach, and who said so. */
export class EgressApprovals1763700200000 implements MigrationInterface {
  readonly name = 'EgressApprovals1763700200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE egress_approval (
        approval_id uuid PRIMARY KEY,
        partner_id uuid NOT NULL REFERENCES partner,
        provider text NOT NULL,
        target text NOT NULL,
        port int NOT NULL CHECK (port BETWEEN 1 AND 65535),
        reason text NOT NULL,
        approved_by text NOT NULL,
        approved_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (partner_id, provider, target, port)
      );
      COMMENT ON COLUMN egress_approval.target IS 'a CIDR, or a name';
    `);
    await protectTables(runner, ['egress_approval']);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE egress_approval');
  }
}
