import type { AccountNo, EventType, PartnerId, RuleId } from '@backhaul/domain';
import type { Provider, TicketRequestPayload } from '@backhaul/messaging';
import type { Gathering } from '../outages/outage.js';
import type { Facts } from '../silences/silence.js';
import { type Course, UNKNOWN_COURSE } from './course.js';

/** A ticket that a rule would have asked for, and what it will be judged by when its time comes. */
export interface Withheld {
  provider: Provider;
  request: TicketRequestPayload;
  facts: Facts;
  reason: string;
  /** Milliseconds since 1970; null: the next failure decides. */
  dueAtMs: number | null;
  /** Where it waits for other accounts of the customer; null: it is judged by itself. */
  gathering: Gathering | null;
}

/** What a rule keeps in mind of one problem. */
export interface Watch {
  incidentKey: string;
  ruleId: RuleId;
  partnerId: PartnerId;
  accountNo: AccountNo;
  /** The type of its last failure; it says what ends it. */
  eventType: EventType;
  course: Course;
  withheld: Withheld | null;
}

type Identity = Pick<Watch, 'incidentKey' | 'ruleId'>;

/** What is kept in mind under some keys, and what a batch of events changes in it. Pure memory. */
export class WatchBook {
  private readonly byKey = new Map<string, Map<RuleId, Watch>>();
  private readonly changed = new Map<string, { identity: Identity; now: Watch | null }>();

  constructor(stored: readonly Watch[] = []) {
    for (const watch of stored) this.set(watch);
  }

  at(incidentKey: string): Watch[] {
    return [...(this.byKey.get(incidentKey)?.values() ?? [])];
  }

  gatheringOf({ incidentKey, ruleId }: Identity): Gathering | null {
    return this.byKey.get(incidentKey)?.get(ruleId)?.withheld?.gathering ?? null;
  }

  courseOf({ incidentKey, ruleId }: Identity): Course {
    return this.byKey.get(incidentKey)?.get(ruleId)?.course ?? UNKNOWN_COURSE;
  }

  /** One in which nothing is worth keeping is forgotten. */
  put(watch: Watch): void {
    const { incidentKey, ruleId } = watch;
    const isBlank = watch.withheld === null && watch.course.changesMs.length === 0;
    // By far the usual case: a rule that waits for nothing.
    if (isBlank && !this.byKey.get(incidentKey)?.has(ruleId)) return;
    if (isBlank) this.byKey.get(incidentKey)?.delete(ruleId);
    else this.set(watch);
    this.changed.set(`${ruleId} ${incidentKey}`, { identity: watch, now: isBlank ? null : watch });
  }

  /** To be stored, one entry for each that changed, in an order that is the same in every process. */
  changes(): { kept: Watch[]; forgotten: Identity[] } {
    const entries = [...this.changed.entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, entry]) => entry);
    return {
      kept: entries.flatMap(({ now }) => (now ? [now] : [])),
      forgotten: entries.flatMap(({ identity, now }) => (now ? [] : [identity])),
    };
  }

  private set(watch: Watch): void {
    const rules = this.byKey.get(watch.incidentKey) ?? new Map<RuleId, Watch>();
    rules.set(watch.ruleId, watch);
    this.byKey.set(watch.incidentKey, rules);
  }
}
