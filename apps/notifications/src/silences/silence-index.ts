import type { BrandId, PartnerId } from '@backhaul/domain';
import type { BrandPaths } from '../rules/rule-index.js';
import { type Facts, isAbout, type Quiet, quietUntil, type Silence } from './silence.js';

type Place = string | number;

class PartnerSilences {
  private readonly everywhere: Silence[] = [];
  private readonly byBrand = new Map<Place, Silence[]>();
  private readonly byCustomer = new Map<Place, Silence[]>();
  private readonly byAccount = new Map<Place, Silence[]>();

  constructor(
    silences: readonly Silence[],
    private readonly paths: BrandPaths,
  ) {
    for (const silence of silences) this.add(silence);
  }

  at(facts: Facts, atMs: number): Quiet | null {
    const { brandId, customerId, accountNo } = facts.tenant;
    const above = brandId === null ? [] : (this.paths.get(brandId) ?? [brandId]);
    const near = [
      ...this.everywhere,
      ...above.flatMap((brand) => this.byBrand.get(brand) ?? []),
      ...(this.byCustomer.get(customerId ?? '') ?? []),
      ...(this.byAccount.get(accountNo ?? '') ?? []),
    ].filter((silence) => isWithin(silence, above) && isAbout(silence, facts));
    return longest(near, atMs);
  }

  private add(silence: Silence): void {
    const { brandIds, custIds, accountNos } = silence.scope;
    const named = brandIds.length + custIds.length + accountNos.length > 0;
    if (!named && silence.ownerBrandId === null) this.everywhere.push(silence);
    else if (!named) note(this.byBrand, [silence.ownerBrandId ?? ''], silence);
    note(this.byBrand, brandIds, silence);
    note(this.byCustomer, custIds, silence);
    note(this.byAccount, accountNos, silence);
  }
}

function note(places: Map<Place, Silence[]>, at: readonly Place[], silence: Silence): void {
  for (const place of new Set(at)) places.set(place, [...(places.get(place) ?? []), silence]);
}

const isWithin = ({ ownerBrandId }: Silence, above: readonly BrandId[]): boolean =>
  ownerBrandId === null || above.includes(ownerBrandId);

function longest(silences: readonly Silence[], atMs: number): Quiet | null {
  let found: Quiet | null = null;
  for (const silence of silences) {
    const untilMs = quietUntil(silence, atMs);
    if (untilMs !== null && untilMs > (found?.untilMs ?? 0)) found = { silence, untilMs };
  }
  return found;
}

/** All silences in force, ordered so that an event meets only those near it. Pure memory. */
export class SilenceIndex {
  private readonly partners = new Map<PartnerId, PartnerSilences>();

  /** Takes these for all the silences of the partner, and these for all its brands. */
  replace(partnerId: PartnerId, silences: readonly Silence[], paths: BrandPaths): void {
    if (silences.length === 0) this.partners.delete(partnerId);
    else this.partners.set(partnerId, new PartnerSilences(silences, paths));
  }

  /** The silence that holds for the event at that time; of several, the one that holds longest. */
  at(facts: Facts, atMs: number): Quiet | null {
    return this.partners.get(facts.tenant.partnerId)?.at(facts, atMs) ?? null;
  }
}
