import { type BrandId, type PartnerId, wholePartner } from '@backhaul/domain';
import { brandWithin, nothing, type Scope, TenantRepository, type Tx } from '@backhaul/persistence';
import { Any, type DataSource, type FindOptionsWhere, LessThan, Raw } from 'typeorm';
import { SilenceEntity, silenceOf, silenceRowOf } from './silence.entity.js';
import type { Silence, SilenceKind } from './silence.js';

export interface SilencePage {
  kind: SilenceKind;
  limit: number;
  /** The last id of the page before. */
  after: string | null;
}

/** Customers play no part here: silences belong to brands. */
const TABLES = { customers: 'no customers here', brands: 'known_brand' };

export class SilenceRepository extends TenantRepository<SilenceEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, SilenceEntity);
  }

  protected override narrowed(scope: Scope): FindOptionsWhere<SilenceEntity> {
    return { ownerBrandId: scope.onlyAccountNo === null ? brandWithin<BrandId>(scope, TABLES) : nothing() };
  }

  /** Newest first. */
  async page(scope: Scope, { kind, limit, after }: SilencePage): Promise<Silence[]> {
    const where = { kind, ...(after !== null && { silenceId: LessThan(after) }) };
    return (await this.findMany(scope, where, { silenceId: 'DESC' }, limit)).map(silenceOf);
  }

  async count(scope: Scope, kind: SilenceKind): Promise<number> {
    return this.rows().countBy(this.within(scope, { kind }));
  }

  async find(scope: Scope, kind: SilenceKind, silenceId: string): Promise<Silence | null> {
    const row = await this.findOne(scope, { kind, silenceId });
    return row && silenceOf(row);
  }

  /** Answers false, and stores nothing, where the partner has `most` that have not ended. */
  async add(scope: Scope, tx: Tx, silence: Silence, most: number): Promise<boolean> {
    const endsAt = Raw<Date>((column) => `(${column} IS NULL OR ${column} > :now)`, {
      now: silence.createdAt,
    });
    const lasting = this.within(wholePartner(scope.partnerId), { endsAt });
    if ((await this.rows(tx.manager).countBy(lasting)) >= most) return false;
    await this.insert(scope, silenceRowOf(silence), tx.manager);
    return true;
  }

  async drop(scope: Scope, tx: Tx, silenceId: string): Promise<boolean> {
    return (await this.remove(scope, { silenceId }, tx.manager)) === 1;
  }

  async findOfPartners(tx: Tx, partnerIds: readonly PartnerId[]): Promise<Silence[]> {
    const rows = await this.rows(tx.manager).findBy({ partnerId: Any([...partnerIds]) });
    return rows.map(silenceOf);
  }

  async purge(tx: Tx, olderThanDays: number): Promise<void> {
    await tx.query("DELETE FROM silences WHERE ends_at < now() - $1 * interval '1 day'", [olderThanDays]);
  }
}
