import type { BrandId } from '@backhaul/domain';
import { Problem } from '@backhaul/http';
import type { BrandEntity } from './brand.entity.js';

type Placed = Pick<BrandEntity, 'brandId' | 'parentId' | 'path'>;

/** Brands whose own word it is that a second factor is demanded, of the partner's whole tree. */
export type Demanding = ReadonlySet<BrandId>;

/** A demand holds for the brand and for all below it: there more may be demanded, never less. */
export const isFactorDemanded = ({ path }: Pick<Placed, 'path'>, demanding: Demanding): boolean =>
  path.some((brandId) => demanding.has(brandId));

/** @throws Problem 422 for a word that could not hold */
export function assertMaySay(brand: Placed, word: boolean | null, demanding: Demanding): void {
  if (brand.parentId === null && word === null)
    throw refused('must be true or false: nothing stands above this brand', 'root');
  const above = { path: brand.path.filter((brandId) => brandId !== brand.brandId) };
  if (word === false && isFactorDemanded(above, demanding))
    throw refused('must not be false: a brand above demands a second factor', 'demandedAbove');
}

const refused = (detail: string, rule: string): Problem =>
  Problem.unprocessable('The brand cannot say this.', [{ pointer: '/requireSecondFactor', detail, rule }]);
