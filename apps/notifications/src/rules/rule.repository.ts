import type { PartnerId, RuleId } from '@backhaul/domain';
import { type Scope, TenantRepository, type Tx } from '@backhaul/persistence';
import { Any, type DataSource, LessThan, MoreThan } from 'typeorm';
import { RuleEntity, ruleOf, rowOf, type StoredRule } from './rule.entity.js';

export interface RulePage {
  limit: number;
  /** The last rule of the page before. */
  after: RuleId | null;
  newestFirst: boolean;
}

/** Every change moves the version by which each instance notices it. */
export class RuleRepository extends TenantRepository<RuleEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, RuleEntity);
  }

  async page(scope: Scope, { limit, after, newestFirst }: RulePage): Promise<StoredRule[]> {
    const beyond = newestFirst ? LessThan : MoreThan;
    const order = { ruleId: newestFirst ? 'DESC' : 'ASC' } as const;
    const rows = await this.findMany(scope, after ? { ruleId: beyond(after) } : {}, order, limit);
    return rows.map(ruleOf);
  }

  async count(scope: Scope): Promise<number> {
    return this.rows().countBy(this.within(scope));
  }

  async find(scope: Scope, ruleId: RuleId): Promise<StoredRule | null> {
    const row = await this.findOne(scope, { ruleId });
    return row && ruleOf(row);
  }

  /** Answers false, and stores nothing, where the partner has `most` rules already. */
  async add(scope: Scope, tx: Tx, rule: StoredRule, most: number): Promise<boolean> {
    await this.announce(scope, tx);
    // Changes of rules stand in line here, so that the count is exact.
    if ((await this.rows(tx.manager).countBy(this.within(scope))) >= most) return false;
    await this.insert(scope, rowOf(rule), tx.manager);
    return true;
  }

  /** Answers false where the stored rule no longer has the version before this one. */
  async replace(scope: Scope, tx: Tx, rule: StoredRule): Promise<boolean> {
    await this.announce(scope, tx);
    const where = { ruleId: rule.id, version: rule.version - 1 };
    return (await this.update(scope, where, rowOf(rule), tx.manager)) === 1;
  }

  /** Answers false where the stored rule does not have that version. */
  async drop(scope: Scope, tx: Tx, { id: ruleId, version }: StoredRule): Promise<boolean> {
    await this.announce(scope, tx);
    return (await this.remove(scope, { ruleId, version }, tx.manager)) === 1;
  }

  /** The version of all rules, and the partners whose rules changed after `since`. */
  async changedAcrossTenants(tx: Tx, since: number): Promise<{ version: number; partnerIds: PartnerId[] }> {
    const rows = await tx.query<{ version: string; partnerId: PartnerId | null }>(
      `SELECT v.version, p.partner_id AS "partnerId"
         FROM rules_version v LEFT JOIN rules_partner_version p ON p.version > $1`,
      [since],
    );
    return {
      version: Number(rows[0]?.version ?? 0),
      partnerIds: rows.flatMap(({ partnerId }) => partnerId ?? []),
    };
  }

  async findOfPartners(tx: Tx, partnerIds: readonly PartnerId[]): Promise<StoredRule[]> {
    const rows = await this.rows(tx.manager).find({
      where: { partnerId: Any([...partnerIds]) },
      order: { ruleId: 'ASC' },
    });
    return rows.map(ruleOf);
  }

  private async announce({ partnerId }: Scope, tx: Tx): Promise<void> {
    await tx.query(
      `WITH next AS (UPDATE rules_version SET version = version + 1 RETURNING version)
       INSERT INTO rules_partner_version (partner_id, version) SELECT $1::uuid, version FROM next
       ON CONFLICT (partner_id) DO UPDATE SET version = excluded.version`,
      [partnerId],
    );
  }
}
