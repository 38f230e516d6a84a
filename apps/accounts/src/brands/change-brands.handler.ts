import { type BrandId, systemClock, uuidv7 } from '@backhaul/domain';
import { etagOf, Problem, requireIfMatch } from '@backhaul/http';
import { accountsBrands } from '@backhaul/messaging';
import type { AuditTrail, Scope, Tx, UnitOfWork } from '@backhaul/persistence';
import { announce } from '../announce.js';
import { type BrandEntity, brandPayload } from './brand.entity.js';
import type { BrandRepository } from './brand.repository.js';
import { type ChangeBrandIn, type CreateBrandIn, type SupportIn, supportOf } from './brands.types.js';
import { assertMaySay } from './factor-demand.js';

/** A path this long is no hierarchy any more. */
const DEEPEST = 20;

/** Creates and changes brands, and tells the other services. All throw Problem. */
export class ChangeBrandsHandler {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly brands: BrandRepository,
    private readonly audit: AuditTrail,
  ) {}

  /** @throws Problem 404 unknown parent, 422 too deep */
  create(scope: Scope, { name, parentId }: CreateBrandIn): Promise<BrandEntity> {
    return this.unitOfWork.run(async (tx) => {
      await this.brands.lockTree(scope, tx);
      const parent = await this.brands.get(scope, parentId, tx);
      assertDepth(parent.path.length + 1);
      const now = systemClock.now();
      const brandId = uuidv7(now.getTime()) as BrandId;
      const brand: BrandEntity = {
        partnerId: scope.partnerId,
        brandId,
        name: name.trim(),
        parentId: parent.brandId,
        path: [...parent.path, brandId],
        requireSecondFactor: null,
        support: null,
        version: 1,
        createdAt: now,
      };
      await this.brands.insert(scope, brand, tx.manager);
      await announce(tx, scope.partnerId, accountsBrands, brandPayload(brand));
      await this.record(tx, 'brand.create', brand);
      return brand;
    });
  }

  /** @throws Problem 404, 412, 422 for a demand that cannot hold, 428 */
  change(
    scope: Scope,
    id: string,
    ifMatch: string | undefined,
    { name, requireSecondFactor: word, support }: ChangeBrandIn,
  ): Promise<BrandEntity> {
    return this.unitOfWork.run(async (tx) => {
      await this.brands.lockTree(scope, tx);
      const brand = await this.brands.get(scope, id, tx);
      requireIfMatch(ifMatch, etagOf(brand.version));
      if (word !== undefined) assertMaySay(brand, word, await this.brands.demanding(scope, tx));
      const change = {
        name: name?.trim() ?? brand.name,
        requireSecondFactor: word === undefined ? brand.requireSecondFactor : word,
        support: support === undefined ? brand.support : support && toldSupport(support),
        version: brand.version + 1,
      };
      await this.brands.update(scope, { brandId: brand.brandId }, change, tx.manager);
      const changed = { ...brand, ...change };
      await announce(tx, scope.partnerId, accountsBrands, brandPayload(changed));
      await this.record(tx, 'brand.change', changed);
      return changed;
    });
  }

  private record(tx: Tx, action: string, brand: BrandEntity): Promise<void> {
    const { partnerId, brandId, name, parentId, requireSecondFactor, support } = brand;
    return this.audit.record(tx, partnerId, {
      action,
      target: { kind: 'brand', id: brandId },
      detail: { name, parentId, requireSecondFactor, support: supportOf(support) },
    });
  }
}

const toldSupport = ({ url, phones }: SupportIn): string =>
  JSON.stringify({ url: url ?? null, phones: phones ?? [] });

/** @throws Problem 422 */
export function assertDepth(depth: number): void {
  if (depth <= DEEPEST) return;
  throw Problem.unprocessable(`Brands stand in at most ${DEEPEST} levels.`, [
    { pointer: '/parentId', detail: `would be level ${depth}`, rule: 'depth' },
  ]);
}
