import type { CanonicalEvent, EventType } from '@backhaul/domain';
import { RuleIndex, type BrandPaths } from '../rules/rule-index.js';
import { ACTION_KIND, type Rule } from '../rules/rule.js';
import type { LogFilter } from './event-log.client.js';

/** What a rule would have acted on. */
export interface Preview {
  count: number;
  /** By day in UTC, such as `2026-11-20`. */
  byDay: Map<string, number>;
  byEventType: Map<EventType, number>;
  /** The newest of them. */
  examples: CanonicalEvent[];
  /** Problems that it meant and waited with, to their end or that of the window. */
  held: number;
}

export class Found {
  readonly found: Preview = { count: 0, byDay: new Map(), byEventType: new Map(), examples: [], held: 0 };

  constructor(private readonly mostExamples: number) {}

  /** Newest first. */
  add(event: CanonicalEvent): void {
    const { byDay, byEventType, examples } = this.found;
    this.found.count += 1;
    more(byDay, event.receivedAt.slice(0, 10));
    more(byEventType, event.type);
    if (examples.length < this.mostExamples) examples.push(event);
  }
}

/** Counts what a rule that waits for nothing matches, event by event. Pure memory. */
export class PreviewCount {
  private readonly index = new RuleIndex();
  private readonly counted: Found;

  constructor(
    private readonly rule: Rule,
    paths: BrandPaths,
    mostExamples: number,
  ) {
    this.index.replace(rule.partnerId, [rule], paths);
    this.counted = new Found(mostExamples);
  }

  /** Newest first. */
  add(event: CanonicalEvent): void {
    if (isActedOn(this.rule, event) && this.index.matching(event, true).length > 0) this.counted.add(event);
  }

  finish(): Preview {
    return this.counted.found;
  }
}

const more = <K>(counts: Map<K, number>, key: K): void => void counts.set(key, (counts.get(key) ?? 0) + 1);

/** What goes on is nothing to act on, and of what only begins there is no ticket. */
function isActedOn(rule: Rule, { outcome }: CanonicalEvent): boolean {
  if (outcome.dryRun || outcome.phase === 'progress') return false;
  return outcome.phase !== 'started' || ACTION_KIND[rule.action].kind !== 'ticket';
}

const SEVERITY = { ok: 'OK', warning: 'WARNING', error: 'ERROR' } as const;

/** What the log itself can leave out, where the rule means one thing alone. */
export function filterOf(rule: Rule): Partial<LogFilter> {
  const { severities, allEventTypes, eventTypes } = rule;
  const wanted = (['ok', 'warning', 'error'] as const).filter((severity) => severities[severity]);
  const [[type], [severity]] = [eventTypes, wanted];
  return {
    ...placeOf(rule),
    ...(!allEventTypes && eventTypes.length === 1 && type !== undefined && { type }),
    ...(wanted.length === 1 && severity !== undefined && { severity: SEVERITY[severity] }),
  };
}

/** Whatever happened at the one place that the rule means: what heals there, too. */
export function placeOf({ scope: { brandIds, custIds, accountNos } }: Rule): Partial<LogFilter> {
  const places = brandIds.length + custIds.length + accountNos.length;
  const [[accountNo], [custId]] = [accountNos, custIds];
  return {
    ...(places === 1 && accountNo !== undefined && { accountNo }),
    ...(places === 1 && custId !== undefined && { custId }),
  };
}
