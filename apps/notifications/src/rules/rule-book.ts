import type { CanonicalEvent, PartnerId } from '@backhaul/domain';
import type { Tx } from '@backhaul/persistence';
import { RuleIndex } from './rule-index.js';
import type { Rule } from './rule.js';
import type { RuleRepository } from './rule.repository.js';

/** All rules in memory, as new as the last `refresh`: one small read, and only what changed is loaded again (F9). */
export class RuleBook {
  private readonly index = new RuleIndex();
  private version = 0;

  constructor(private readonly rules: RuleRepository) {}

  async refresh(tx: Tx): Promise<void> {
    const known = this.version;
    const { version, partnerIds } = await this.rules.changedAcrossTenants(tx, known);
    if (version <= known) return;
    const changed = await this.rules.findOfPartners(tx, partnerIds);
    const brands = await this.rules.brandPathsOf(tx, partnerIds);
    // Another batch may have brought newer rules meanwhile.
    if (version <= this.version) return;
    const byPartner = new Map<PartnerId, Rule[]>(partnerIds.map((partnerId) => [partnerId, []]));
    for (const rule of changed) byPartner.get(rule.partnerId)?.push(rule);
    for (const [partnerId, rules] of byPartner)
      this.index.replace(
        partnerId,
        rules,
        new Map(
          brands.filter((brand) => brand.partnerId === partnerId).map(({ brandId, path }) => [brandId, path]),
        ),
      );
    this.version = version;
  }

  matching(event: CanonicalEvent, isReprocessed = false): Rule[] {
    return this.index.matching(event, isReprocessed);
  }
}
