import type { PartnerId } from '@backhaul/domain';
import type { Tx } from '@backhaul/persistence';
import type { Facts, Quiet } from '../silences/silence.js';
import { SilenceIndex } from '../silences/silence-index.js';
import type { SilenceRepository } from '../silences/silence.repository.js';
import { RuleIndex } from './rule-index.js';
import type { Rule } from './rule.js';
import type { RuleRepository } from './rule.repository.js';

/** All rules and silences in memory, as new as the last `refresh`: one small read, and only what changed is loaded again (F9). */
export class RuleBook {
  private readonly index = new RuleIndex();
  private readonly silences = new SilenceIndex();
  private version = 0;

  constructor(
    private readonly rules: RuleRepository,
    private readonly silenceRepository: SilenceRepository,
  ) {}

  /** Answers whether any rule keeps a problem in mind. */
  async refresh(tx: Tx): Promise<{ hasWatches: boolean }> {
    const known = this.version;
    const { version, partnerIds, hasWatches } = await this.rules.changedAcrossTenants(tx, known);
    if (version > known) await this.load(tx, version, partnerIds);
    return { hasWatches };
  }

  matching(event: Pick<Facts, 'type' | 'tenant' | 'outcome' | 'receivedAt'>, isReprocessed = false): Rule[] {
    return this.index.matching(event, isReprocessed);
  }

  /** The silence that holds for the event at that time, milliseconds since 1970. */
  quietAt(facts: Facts, atMs: number): Quiet | null {
    return this.silences.at(facts, atMs);
  }

  private async load(tx: Tx, version: number, partnerIds: readonly PartnerId[]): Promise<void> {
    const rules = byPartner(await this.rules.findOfPartners(tx, partnerIds));
    const brands = byPartner(await this.rules.brandPathsOf(tx, partnerIds));
    const silences = byPartner(await this.silenceRepository.findOfPartners(tx, partnerIds));
    // Another batch may have brought newer ones meanwhile.
    if (version <= this.version) return;
    for (const partnerId of partnerIds) {
      const paths = new Map(brands.get(partnerId)?.map(({ brandId, path }) => [brandId, path]));
      this.index.replace(partnerId, rules.get(partnerId) ?? [], paths);
      this.silences.replace(partnerId, silences.get(partnerId) ?? [], paths);
    }
    this.version = version;
  }
}

function byPartner<T extends { partnerId: PartnerId }>(all: readonly T[]): Map<PartnerId, T[]> {
  const groups = new Map<PartnerId, T[]>();
  for (const one of all) {
    const group = groups.get(one.partnerId);
    if (group) group.push(one);
    else groups.set(one.partnerId, [one]);
  }
  return groups;
}
