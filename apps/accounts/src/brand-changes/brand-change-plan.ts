import type { BrandId, CustomerId } from '@backhaul/domain';
import { Problem, type ProblemError } from '@backhaul/http';
import type { BrandEntity } from '../brands/brand.entity.js';
import type { BrandChangeEntity, Target } from './brand-change.entity.js';

/** A customer of the partner and the brand it sits in. */
export interface Placed {
  custId: CustomerId;
  brandId: BrandId;
}

export type Wish = Pick<BrandChangeEntity, 'kind' | 'brandId' | 'parentId' | 'targets'>;

/** What a request would change now. */
export interface BrandChangePlan {
  customers: Target[];
  /** New paths, by brand; the moved brand's own first. */
  brands: { brandId: BrandId; parentId: BrandId | null; path: BrandId[] }[];
}

/** Pure: a request against the tree and the customers below the brand as they are now. @throws Problem 422 with every fault */
export function planOf(
  wish: Wish,
  brands: readonly BrandEntity[],
  customers: readonly Placed[],
): BrandChangePlan {
  const byId = new Map(brands.map((brand) => [brand.brandId, brand]));
  const errors = [...faultsOfParent(wish, byId), ...faultsOfTargets(wish, byId, customers)];
  if (errors.length > 0) throw Problem.unprocessable('Nothing was moved.', errors);
  const placeOf = new Map(customers.map(({ custId, brandId }) => [custId, brandId]));
  return {
    customers: wish.targets.filter(({ custId, brandId }) => placeOf.get(custId) !== brandId),
    brands: wish.parentId === null ? [] : movedPaths(wish.brandId, wish.parentId, byId),
  };
}

type Tree = ReadonlyMap<BrandId, BrandEntity>;

function faultsOfParent({ kind, brandId, parentId, targets }: Wish, tree: Tree): ProblemError[] {
  const at = (detail: string, rule: string): ProblemError[] => [{ pointer: '/parentId', detail, rule }];
  if (kind === 'conversion') return parentId === null ? [] : at('must be absent in a conversion', 'kind');
  if (parentId === null)
    return targets.length > 0 ? [] : at('or targets must say what moves where', 'required');
  const brand = tree.get(brandId);
  const parent = tree.get(parentId);
  if (!parent) return at('is no brand of the partner', 'exists');
  if (brand?.parentId === null) return at('cannot be given to the root brand', 'root');
  return parent.path.includes(brandId) ? at('stands below the brand itself', 'cycle') : [];
}

function faultsOfTargets(wish: Wish, tree: Tree, customers: readonly Placed[]): ProblemError[] {
  const known = new Set(customers.map(({ custId }) => custId));
  const named = new Set<CustomerId>();
  const errors = wish.targets.flatMap(({ custId, brandId }, index): ProblemError[] => {
    const at = (field: string, detail: string, rule: string): ProblemError[] => [
      { pointer: `/targets/${index}/${field}`, detail, rule },
    ];
    if (named.has(custId)) return at('custId', 'is named twice', 'unique');
    named.add(custId);
    if (!known.has(custId)) return at('custId', 'is no customer of this brand', 'exists');
    const isBelow = tree.get(brandId)?.path.includes(wish.brandId) ?? false;
    if (wish.kind === 'conversion' && (!isBelow || brandId === wish.brandId))
      return at('brandId', 'must be a brand below the converted one', 'below');
    return tree.has(brandId) ? [] : at('brandId', 'is no brand of the partner', 'exists');
  });
  return wish.kind === 'conversion' ? [...errors, ...withoutTarget(wish, customers, named)] : errors;
}

/** A conversion leaves nobody behind (A21). */
function withoutTarget(
  { brandId }: Wish,
  customers: readonly Placed[],
  named: ReadonlySet<CustomerId>,
): ProblemError[] {
  return customers
    .filter((customer) => customer.brandId === brandId && !named.has(customer.custId))
    .map(({ custId }) => ({
      pointer: '/targets',
      detail: `customer ${custId} has no target`,
      rule: 'complete',
    }));
}

function movedPaths(brandId: BrandId, parentId: BrandId, tree: Tree): BrandChangePlan['brands'] {
  const above = tree.get(parentId)?.path ?? [];
  return [...tree.values()]
    .filter(({ path }) => path.includes(brandId))
    .sort((a, b) => a.path.length - b.path.length)
    .map((brand) => ({
      brandId: brand.brandId,
      parentId: brand.brandId === brandId ? parentId : brand.parentId,
      path: [...above, ...brand.path.slice(brand.path.indexOf(brandId))],
    }));
}
