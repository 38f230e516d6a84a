import type { BrandId, HandlerId, RuleId } from '@backhaul/domain';
import { brandWithin, nothing, type Scope, TenantRepository, type Tx } from '@backhaul/persistence';
import { type DataSource, type FindOptionsWhere, LessThan } from 'typeorm';
import { DeliveryEntity, type DeliveryDraft, type DeliveryState } from './delivery.entity.js';

/** What came back of one attempt. */
export interface Attempted {
  reason: string | null;
  status: number | null;
  answer: string | null;
}

export interface DeliveryPage {
  ruleId: RuleId | undefined;
  handlerId: HandlerId | undefined;
  state: DeliveryState | undefined;
  limit: number;
  /** The last of the page before. */
  after: Pick<DeliveryEntity, 'causeId' | 'deliveryId'> | null;
}

type Db = Pick<Tx, 'query'>;
const TABLES = { customers: 'no customers here', brands: 'known_brand' };
const KEPT_TRYING = "interval '24 hours'";

/** Deliveries belong to the brand of their rule or event handler. What sends them works across partners: their ids are unique. */
export class DeliveryRepository extends TenantRepository<DeliveryEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, DeliveryEntity);
  }

  protected override narrowed(scope: Scope): FindOptionsWhere<DeliveryEntity> {
    return { ownerBrandId: scope.onlyAccountNo === null ? brandWithin<BrandId>(scope, TABLES) : nothing() };
  }

  /** Of the newest events first. */
  async page(
    scope: Scope,
    { ruleId, handlerId, state, limit, after }: DeliveryPage,
  ): Promise<DeliveryEntity[]> {
    const wanted = {
      ...(ruleId !== undefined && { ruleId }),
      ...(handlerId !== undefined && { handlerId }),
      ...(state !== undefined && { state }),
    };
    const beyond: FindOptionsWhere<DeliveryEntity>[] =
      after === null
        ? [{}]
        : [
            { causeId: LessThan(after.causeId) },
            { causeId: after.causeId, deliveryId: LessThan(after.deliveryId) },
          ];
    return this.rows().find({
      where: beyond.map((where) => this.within(scope, { ...wanted, ...where })),
      order: { causeId: 'DESC', deliveryId: 'DESC' },
      take: limit,
    });
  }

  find(scope: Scope, deliveryId: string): Promise<DeliveryEntity | null> {
    return this.findOne(scope, { deliveryId });
  }

  /** Answers the ids of those that were not there before. */
  async add(tx: Tx, drafts: readonly DeliveryDraft[]): Promise<string[]> {
    const rows = await tx.query<{ id: string }>(
      `INSERT INTO webhook_deliveries (delivery_id, partner_id, owner_brand_id, rule_id, handler_id, rule_name, event_id,
         is_request, account_no, operation_id, url, body, state, attempts, created_at, expires_at)
       SELECT *, 'pending', 0, now(), now() + ${KEPT_TRYING}
       FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::uuid[], $8::boolean[],
         $9::integer[], $10::uuid[], $11::text[], $12::text[])
       ON CONFLICT (delivery_id) DO NOTHING RETURNING delivery_id AS id`,
      (
        ['deliveryId', 'partnerId', 'ownerBrandId', 'ruleId', 'handlerId', 'ruleName', 'causeId', 'isRequest', 'accountNo', 'operationId', 'url', 'body'] as const
      ).map((name) => drafts.map((draft) => draft[name])),
    ); // prettier-ignore
    return rows.map(({ id }) => id);
  }

  /** Written down before it is sent. Null for what has ended; 'busy' while another worker sends it. */
  async begin(db: Db, deliveryId: string, leaseS: number): Promise<DeliveryEntity | 'busy' | null> {
    const begun = await db.query(
      `UPDATE webhook_deliveries SET attempts = attempts + 1, attempted_at = now(),
         leased_until = now() + $2 * interval '1 s'
       WHERE delivery_id = $1 AND state = 'pending' AND (leased_until IS NULL OR leased_until < now()) RETURNING 1 AS begun`,
      [deliveryId, leaseS],
    );
    const delivery = await this.rows().findOneBy({ deliveryId });
    if (begun.length > 0) return delivery;
    return delivery?.state === 'pending' ? 'busy' : null;
  }

  /** It comes again. */
  async postpone(db: Db, deliveryId: string, { reason, status, answer }: Attempted): Promise<void> {
    await db.query(
      `UPDATE webhook_deliveries SET leased_until = NULL, reason = $2, status = $3, answer = $4
       WHERE delivery_id = $1 AND state = 'pending'`,
      [deliveryId, reason, status, answer],
    );
  }

  /** Answers false where it had ended before. */
  async end(
    tx: Tx,
    deliveryId: string,
    state: DeliveryState,
    { reason, status, answer }: Attempted,
  ): Promise<boolean> {
    const ended = await tx.query(
      `UPDATE webhook_deliveries SET state = $2, reason = $3, status = $4, answer = $5, ended_at = now(), leased_until = NULL
       WHERE delivery_id = $1 AND state = 'pending' RETURNING 1 AS ended`,
      [deliveryId, state, reason, status, answer],
    );
    return ended.length > 0;
  }

  /** Once more, for another day. Answers false while it is being tried. */
  async again(tx: Tx, deliveryId: string): Promise<boolean> {
    const again = await tx.query(
      `UPDATE webhook_deliveries SET state = 'pending', ended_at = NULL, leased_until = NULL, expires_at = now() + ${KEPT_TRYING}
       WHERE delivery_id = $1 AND state <> 'pending' RETURNING 1 AS again`,
      [deliveryId],
    );
    return again.length > 0;
  }

  async purge(tx: Tx, olderThanDays: number): Promise<void> {
    await tx.query("DELETE FROM webhook_deliveries WHERE created_at < now() - $1 * interval '1 day'", [
      olderThanDays,
    ]);
  }
}
