import type { PartnerId } from '@backhaul/domain';
import type { Tx } from '@backhaul/persistence';
import type { EventHandler } from '../event-handlers/event-handler.js';
import type { EventHandlerRepository } from '../event-handlers/event-handler.repository.js';
import { HandlerIndex } from '../event-handlers/handler-index.js';
import type { Facts, Quiet } from '../silences/silence.js';
import { SilenceIndex } from '../silences/silence-index.js';
import type { SilenceRepository } from '../silences/silence.repository.js';
import { RuleIndex } from './rule-index.js';
import type { Rule } from './rule.js';
import type { RuleRepository } from './rule.repository.js';

/** All rules, silences and event handlers in memory, as new as the last `refresh`: one small read, and only what changed is loaded again (F9). */
export class RuleBook {
  private readonly index = new RuleIndex();
  private readonly silences = new SilenceIndex();
  private readonly handlers = new HandlerIndex();
  private version = 0;

  constructor(
    private readonly rules: RuleRepository,
    private readonly silenceRepository: SilenceRepository,
    private readonly handlerRepository: Pick<EventHandlerRepository, 'findOfPartners'> | null = null,
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

  /** The event handlers that the event sets going, where their conditions hold. */
  handlersOf(event: Parameters<HandlerIndex['matching']>[0], isReprocessed = false): EventHandler[] {
    return this.handlers.matching(event, isReprocessed);
  }

  /** The silence that holds for the event at that time, milliseconds since 1970. */
  quietAt(facts: Facts, atMs: number): Quiet | null {
    return this.silences.at(facts, atMs);
  }

  private async load(tx: Tx, version: number, partnerIds: readonly PartnerId[]): Promise<void> {
    const rules = byPartner(await this.rules.findOfPartners(tx, partnerIds));
    const brands = byPartner(await this.rules.brandPathsOf(tx, partnerIds));
    const silences = byPartner(await this.silenceRepository.findOfPartners(tx, partnerIds));
    const handlers = byPartner((await this.handlerRepository?.findOfPartners(tx, partnerIds)) ?? []);
    // Another batch may have brought newer ones meanwhile.
    if (version <= this.version) return;
    for (const partnerId of partnerIds) {
      const paths = new Map(brands.get(partnerId)?.map(({ brandId, path }) => [brandId, path]));
      this.index.replace(partnerId, rules.get(partnerId) ?? [], paths);
      this.silences.replace(partnerId, silences.get(partnerId) ?? [], paths);
      this.handlers.replace(partnerId, handlers.get(partnerId) ?? [], paths);
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
