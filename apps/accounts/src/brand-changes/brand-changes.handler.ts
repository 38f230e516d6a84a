import { type BrandId, type CustomerId, systemClock, uuidv7, wholePartner } from '@backhaul/domain';
import { type Principal, Problem } from '@backhaul/http';
import { accountsAccounts, accountsBrands, accountsCustomers } from '@backhaul/messaging';
import {
  type AuditTrail,
  type OutboxMessage,
  publishAll,
  type Scope,
  type Tx,
  type UnitOfWork,
} from '@backhaul/persistence';
import { In } from 'typeorm';
import { AccountEntity, accountPayload } from '../accounts/account.entity.js';
import { announcement } from '../announce.js';
import { BrandEntity, brandPayload } from '../brands/brand.entity.js';
import type { BrandRepository } from '../brands/brand.repository.js';
import { assertDepth } from '../brands/change-brands.handler.js';
import { CustomerEntity, customerPayload } from '../customers/customer.entity.js';
import type { BrandChangeEntity } from './brand-change.entity.js';
import { type BrandChangePlan, type Placed, planOf, type Wish } from './brand-change-plan.js';
import type { BrandChangeRepository } from './brand-change.repository.js';
import type { CreateBrandChangeIn } from './brand-changes.types.js';

const AT_ONCE = 1000;

/** Partners ask for a change of their tree; operators carry it out, whole or not at all (A21, A22). All throw Problem. */
export class BrandChangesHandler {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly requests: BrandChangeRepository,
    private readonly brands: BrandRepository,
    private readonly audit: AuditTrail,
  ) {}

  /** @throws Problem 404 unknown brand, 422 what could not be carried out now */
  request(caller: Principal, body: CreateBrandChangeIn): Promise<BrandChangeEntity> {
    return this.unitOfWork.run(async (tx) => {
      const { brandId } = await this.brands.get(caller, body.brandId, tx);
      const wish: Wish = {
        kind: body.kind,
        brandId,
        parentId: (body.parentId as BrandId | null | undefined) ?? null,
        targets: (body.targets ?? []).map((target) => ({
          custId: target.custId as CustomerId,
          brandId: target.brandId as BrandId,
        })),
      };
      planOf(wish, await this.brands.tree(caller, tx), await placedBelow(tx, caller, brandId));
      const now = systemClock.now();
      const row: BrandChangeEntity = {
        ...wish,
        partnerId: caller.partnerId,
        requestId: uuidv7(now.getTime()),
        note: body.note ?? null,
        requestedBy: caller.subject,
        requestedAt: now,
        executedBy: null,
        executedAt: null,
      };
      await this.requests.insert(caller, row, tx.manager);
      await this.record(tx, 'brand-change.request', row);
      return row;
    });
  }

  /** A second time it changes nothing. @throws Problem 404, 422 with every fault, and nothing moved */
  execute(operator: Principal, requestId: string): Promise<BrandChangeEntity> {
    return this.unitOfWork.run(async (tx) => {
      const request = await this.requests.lockAcrossTenants(requestId, tx);
      if (request.executedAt) return request;
      const scope = wholePartner(request.partnerId);
      await this.brands.lockTree(scope, tx);
      const placed = await placedBelow(tx, scope, request.brandId);
      const plan = planOf(request, await this.brands.tree(scope, tx), placed);
      for (const { path } of plan.brands) assertDepth(path.length);
      await carryOut(tx, scope, plan);
      const done = { executedBy: operator.subject, executedAt: systemClock.now() };
      if ((await this.requests.update(scope, { requestId }, done, tx.manager)) === 0)
        throw Problem.notFound();
      await this.record(tx, 'brand-change.execute', request);
      return { ...request, ...done };
    });
  }

  private record(tx: Tx, action: string, request: BrandChangeEntity): Promise<void> {
    const { partnerId, requestId, kind, brandId, parentId, targets } = request;
    const target = { kind: 'brand-change', id: requestId };
    const detail = { kind, brandId, parentId, customers: targets.length };
    return this.audit.record(tx, partnerId, { action, target, detail });
  }
}

/** Customers of the brand and below, held: none is added to or taken from it meanwhile. */
function placedBelow(tx: Tx, { partnerId }: Scope, brandId: BrandId): Promise<Placed[]> {
  return tx.query<Placed>(
    `SELECT c.cust_id::int AS "custId", c.brand_id AS "brandId"
     FROM customer c JOIN brand b USING (partner_id, brand_id)
     WHERE c.partner_id = $1 AND b.path @> ARRAY[$2::uuid] ORDER BY c.cust_id FOR UPDATE OF c`,
    [partnerId, brandId],
  );
}

async function carryOut(tx: Tx, { partnerId }: Scope, plan: BrandChangePlan): Promise<void> {
  for (const { brandId, parentId, path } of plan.brands)
    await tx.query(
      'UPDATE brand SET parent_id = $3, path = $4, version = version + 1 WHERE partner_id = $1 AND brand_id = $2',
      [partnerId, brandId, parentId, path],
    );
  await tx.query(
    `UPDATE customer c SET brand_id = t.brand_id, version = c.version + 1
     FROM unnest($2::bigint[], $3::uuid[]) AS t(cust_id, brand_id)
     WHERE c.partner_id = $1 AND c.cust_id = t.cust_id`,
    [partnerId, plan.customers.map((t) => t.custId), plan.customers.map((t) => t.brandId)],
  );
  const messages = await announcementsOf(tx, partnerId, plan);
  for (let from = 0; from < messages.length; from += AT_ONCE)
    await publishAll(tx, messages.slice(from, from + AT_ONCE));
}

async function announcementsOf(
  { manager }: Tx,
  partnerId: Scope['partnerId'],
  plan: BrandChangePlan,
): Promise<OutboxMessage[]> {
  const custIds = plan.customers.map(({ custId }) => custId);
  const brandOf = new Map(plan.customers.map(({ custId, brandId }) => [custId, brandId]));
  const [brands, customers, accounts] = [
    await manager.findBy(BrandEntity, { partnerId, brandId: In(plan.brands.map(({ brandId }) => brandId)) }),
    await manager.findBy(CustomerEntity, { partnerId, custId: In(custIds) }),
    await manager.findBy(AccountEntity, { partnerId, custId: In(custIds) }),
  ];
  return [
    ...brands.map((row) => announcement(partnerId, accountsBrands, brandPayload(row))),
    ...customers.map((row) => announcement(partnerId, accountsCustomers, customerPayload(row))),
    ...accounts.flatMap((row) => {
      const brandId = brandOf.get(row.custId);
      return brandId ? [announcement(partnerId, accountsAccounts, accountPayload(row, brandId))] : [];
    }),
  ];
}
