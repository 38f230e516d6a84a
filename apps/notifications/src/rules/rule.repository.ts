import { type BrandId, type PartnerId, type RuleId, wholePartner } from '@backhaul/domain';
import { brandWithin, nothing, type Scope, TenantRepository, type Tx } from '@backhaul/persistence';
import { Any, type DataSource, type FindOptionsWhere, LessThan, MoreThan } from 'typeorm';
import { RuleEntity, ruleOf, rowOf, type StoredRule } from './rule.entity.js';

/** The brands from the root to this one. */
export interface BrandPath {
  partnerId: PartnerId;
  brandId: BrandId;
  path: BrandId[];
}

export interface RulePage {
  limit: number;
  /** The last rule of the page before. */
  after: RuleId | null;
  newestFirst: boolean;
}

/** Customers play no part here: rules belong to brands. */
const TABLES = { customers: 'no customers here', brands: 'known_brand' };

/** Every change moves the version by which each instance notices it. */
export class RuleRepository extends TenantRepository<RuleEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, RuleEntity);
  }

  protected override narrowed(scope: Scope): FindOptionsWhere<RuleEntity> {
    return { ownerBrandId: scope.onlyAccountNo === null ? brandWithin<BrandId>(scope, TABLES) : nothing() };
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
    await this.noteChange(tx, scope.partnerId);
    // Changes of rules stand in line here, so that the count is exact.
    if ((await this.rows(tx.manager).countBy(this.within(wholePartner(scope.partnerId)))) >= most)
      return false;
    await this.insert(scope, rowOf(rule), tx.manager);
    return true;
  }

  /** For what the service does by itself: whoever made the rule. */
  async findAcrossBrands(partnerId: PartnerId, ruleId: RuleId): Promise<StoredRule | null> {
    return this.find(wholePartner(partnerId), ruleId);
  }

  /** Until somebody saves the rule again. */
  async disableWebhook(tx: Tx, partnerId: PartnerId, ruleId: RuleId, reason: string): Promise<void> {
    await this.noteChange(tx, partnerId);
    await tx.query(
      `UPDATE rules SET webhook_disabled_reason = $3, version = version + 1, updated_at = now()
       WHERE partner_id = $1 AND rule_id = $2 AND webhook_disabled_reason IS NULL`,
      [partnerId, ruleId, reason],
    );
  }

  /** Answers false where the stored rule no longer has the version before this one. */
  async replace(scope: Scope, tx: Tx, rule: StoredRule): Promise<boolean> {
    await this.noteChange(tx, scope.partnerId);
    const where = { ruleId: rule.id, version: rule.version - 1 };
    return (await this.update(scope, where, rowOf(rule), tx.manager)) === 1;
  }

  /** Answers false where the stored rule does not have that version. */
  async drop(scope: Scope, tx: Tx, { id: ruleId, version }: StoredRule): Promise<boolean> {
    await this.noteChange(tx, scope.partnerId);
    return (await this.remove(scope, { ruleId, version }, tx.manager)) === 1;
  }

  /** The version of all rules, and the partners whose rules changed after `since`; and whether anything is kept in mind. */
  async changedAcrossTenants(
    tx: Tx,
    since: number,
  ): Promise<{ version: number; partnerIds: PartnerId[]; hasWatches: boolean }> {
    const rows = await tx.query<{ version: string; partnerId: PartnerId | null; hasWatches: boolean }>(
      `SELECT v.version, p.partner_id AS "partnerId", EXISTS (SELECT 1 FROM problem_watch) AS "hasWatches"
         FROM rules_version v LEFT JOIN rules_partner_version p ON p.version > $1`,
      [since],
    );
    return {
      version: Number(rows[0]?.version ?? 0),
      partnerIds: rows.flatMap(({ partnerId }) => partnerId ?? []),
      hasWatches: rows[0]?.hasWatches ?? false,
    };
  }

  /** The path of every brand of these partners. */
  async brandPathsOf(tx: Tx, partnerIds: readonly PartnerId[]): Promise<BrandPath[]> {
    return tx.query<BrandPath>(
      'SELECT partner_id AS "partnerId", brand_id AS "brandId", path FROM known_brand WHERE partner_id = ANY($1::uuid[])',
      [partnerIds],
    );
  }

  async findOfPartners(tx: Tx, partnerIds: readonly PartnerId[]): Promise<StoredRule[]> {
    const rows = await this.rows(tx.manager).find({
      where: { partnerId: Any([...partnerIds]) },
      order: { ruleId: 'ASC' },
    });
    return rows.map(ruleOf);
  }

  /** Makes every instance read the partner's rules and brands anew. */
  async noteChange(tx: Tx, partnerId: PartnerId): Promise<void> {
    await tx.query(
      `WITH next AS (UPDATE rules_version SET version = version + 1 RETURNING version)
       INSERT INTO rules_partner_version (partner_id, version) SELECT $1::uuid, version FROM next
       ON CONFLICT (partner_id) DO UPDATE SET version = excluded.version`,
      [partnerId],
    );
  }
}
