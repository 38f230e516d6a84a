import type { PartnerId } from '@backhaul/domain';
import type { ConnectionPayload, Provider, TopicDirectory } from '@backhaul/messaging';
import type { RefusedField } from './rule-check.js';
import { ACTION_KIND, type RuleSettings } from './rule.js';

const NAMES: Readonly<Record<Provider, string>> = { connectwise: 'ConnectWise', autotask: 'Autotask' };

/** The PSAs that a partner has set up; null while that is not known. */
export type PsasInUse = ReadonlySet<Provider> | null;

/** What was accepted, and will not do what one may expect of it; empty where nothing is odd. */
export function warningsOf(rule: RuleSettings, psas: PsasInUse): RefusedField[] {
  const action = ACTION_KIND[rule.action];
  if (action.kind !== 'ticket' && action.kind !== 'sync') return [];
  const warnings: RefusedField[] = [];
  const name = NAMES[action.provider];
  if (psas && !psas.has(action.provider))
    warnings.push({
      pointer: '/action',
      detail: `${name} is not set up: nothing can be done there yet.`,
      rule: 'F2',
    });
  if (action.kind === 'ticket') return warnings;
  const detail = `Figures go to ${name} only after the events that are chosen here; bills need all of them.`;
  for (const severity of ['ok', 'warning', 'error'] as const)
    if (!rule.severities[severity])
      warnings.push({ pointer: `/severities/${severity}`, detail, rule: 'E40' });
  if (!rule.allEventTypes) warnings.push({ pointer: '/allEventTypes', detail, rule: 'E40' });
  return warnings;
}

/** Knows from accounts' topic who has set up what. */
export class PsaLinks {
  constructor(
    private readonly connections: Pick<TopicDirectory<ConnectionPayload>, 'get' | 'keys' | 'isReady'>,
  ) {}

  of(partnerId: PartnerId): PsasInUse {
    if (!this.connections.isReady) return null;
    const all = this.connections.keys().map((key) => this.connections.get(key));
    const mine = all.filter((link) => link?.partnerId === partnerId && link.isEnabled && !link.needsChange);
    return new Set(mine.flatMap((link) => (link ? [link.provider] : [])));
  }
}
