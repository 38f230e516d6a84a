import { type BrandId, type HandlerId, type PartnerId, wholePartner } from '@backhaul/domain';
import { brandWithin, nothing, type Scope, TenantRepository, type Tx } from '@backhaul/persistence';
import { Any, type DataSource, type FindOptionsWhere, LessThan, MoreThan } from 'typeorm';
import type { RuleRepository } from '../rules/rule.repository.js';
import type { EventHandler } from './event-handler.js';
import { EventHandlerEntity, handlerOf, handlerRowOf } from './event-handler.entity.js';

export interface HandlerPage {
  limit: number;
  /** The last handler of the page before. */
  after: HandlerId | null;
  newestFirst: boolean;
}

/** Customers play no part here: handlers belong to brands. */
const TABLES = { customers: 'no customers here', brands: 'known_brand' };

/** Every change is noted as one of the partner's rules, so that each instance reads them anew. */
export class EventHandlerRepository extends TenantRepository<EventHandlerEntity> {
  constructor(
    dataSource: DataSource,
    private readonly rules: Pick<RuleRepository, 'noteChange'>,
  ) {
    super(dataSource, EventHandlerEntity);
  }

  protected override narrowed(scope: Scope): FindOptionsWhere<EventHandlerEntity> {
    return { ownerBrandId: scope.onlyAccountNo === null ? brandWithin<BrandId>(scope, TABLES) : nothing() };
  }

  async page(scope: Scope, { limit, after, newestFirst }: HandlerPage): Promise<EventHandler[]> {
    const beyond = newestFirst ? LessThan : MoreThan;
    const order = { handlerId: newestFirst ? 'DESC' : 'ASC' } as const;
    const rows = await this.findMany(scope, after ? { handlerId: beyond(after) } : {}, order, limit);
    return rows.map(handlerOf);
  }

  async count(scope: Scope): Promise<number> {
    return this.rows().countBy(this.within(scope));
  }

  async find(scope: Scope, handlerId: HandlerId): Promise<EventHandler | null> {
    const row = await this.findOne(scope, { handlerId });
    return row && handlerOf(row);
  }

  /** Those that a web request of that name calls, switched off ones among them. */
  async findByApi(scope: Scope, tx: Tx, api: string): Promise<EventHandler[]> {
    const where = this.within(scope, { api });
    return (await this.rows(tx.manager).find({ where, order: { handlerId: 'ASC' } })).map(handlerOf);
  }

  /** Answers false, and stores nothing, where the partner has `most` handlers already. */
  async add(scope: Scope, tx: Tx, handler: EventHandler, most: number): Promise<boolean> {
    await this.rules.noteChange(tx, scope.partnerId);
    // Changes stand in line here, so that the count is exact.
    const all = this.within(wholePartner(scope.partnerId));
    if ((await this.rows(tx.manager).countBy(all)) >= most) return false;
    await this.insert(scope, handlerRowOf(handler), tx.manager);
    return true;
  }

  /** Answers false where the stored handler no longer has the version before this one. */
  async replace(scope: Scope, tx: Tx, handler: EventHandler): Promise<boolean> {
    await this.rules.noteChange(tx, scope.partnerId);
    const where = { handlerId: handler.id, version: handler.version - 1 };
    return (await this.update(scope, where, handlerRowOf(handler), tx.manager)) === 1;
  }

  /** Answers false where the stored handler does not have that version. */
  async drop(scope: Scope, tx: Tx, { id: handlerId, version }: EventHandler): Promise<boolean> {
    await this.rules.noteChange(tx, scope.partnerId);
    return (await this.remove(scope, { handlerId, version }, tx.manager)) === 1;
  }

  /** For what the service does by itself: whoever made the handler. */
  async findAcrossBrands(partnerId: PartnerId, handlerId: HandlerId): Promise<EventHandler | null> {
    return this.find(wholePartner(partnerId), handlerId);
  }

  /** That address is called no more, until somebody saves the handler again. */
  async disableWebhook(
    tx: Tx,
    { partnerId, handlerId, url }: { partnerId: PartnerId; handlerId: HandlerId; url: string },
    reason: string,
  ): Promise<void> {
    await this.rules.noteChange(tx, partnerId);
    await tx.query(
      `UPDATE event_handlers SET version = version + 1, updated_at = now(), actions = (
         SELECT jsonb_agg(CASE WHEN a.action->>'url' = $3 AND a.action->>'disabledReason' IS NULL
           THEN a.action || jsonb_build_object('disabledReason', $4::text) ELSE a.action END ORDER BY a.place)
         FROM jsonb_array_elements(actions) WITH ORDINALITY AS a (action, place))
       WHERE partner_id = $1 AND handler_id = $2`,
      [partnerId, handlerId, url, reason],
    );
  }

  async findOfPartners(tx: Tx, partnerIds: readonly PartnerId[]): Promise<EventHandler[]> {
    const where = { partnerId: Any([...partnerIds]) };
    return (await this.rows(tx.manager).find({ where, order: { handlerId: 'ASC' } })).map(handlerOf);
  }

  /** The brands from the root to this one; itself alone while it is not known yet. */
  async pathOf(tx: Tx, partnerId: PartnerId, brandId: BrandId | null): Promise<BrandId[]> {
    if (brandId === null) return [];
    const [known] = await tx.query<{ path: BrandId[] }>(
      'SELECT path FROM known_brand WHERE partner_id = $1 AND brand_id = $2',
      [partnerId, brandId],
    );
    return known?.path ?? [brandId];
  }
}
