import type { AccountNo, CustomerId, EventType, PartnerId, RuleId } from '@backhaul/domain';
import type { Provider, TicketRequestPayload } from '@backhaul/messaging';

/** A problem for which a rule asked for a ticket, and has not yet asked for its end. */
export interface Raised {
  partnerId: PartnerId;
  accountNo: AccountNo;
  incidentKey: string;
  provider: Provider;
  ruleId: RuleId;
  /** As it was: the rule may be gone when the problem ends. */
  ruleName: string;
  /** The type of the event that raised it last; it says what ends it. */
  eventType: EventType;
  /** The customer whose outage ticket tells of it; null: it has a ticket of its own. */
  siteCustId: CustomerId | null;
}

/** A problem that was part of a site outage and is over. */
export interface Leaver {
  leaverId: string;
  ruleId: RuleId;
  custId: CustomerId;
  partnerId: PartnerId;
  /** What ends the outage, if this was the last of its problems; null: no event told of it. */
  request: TicketRequestPayload | null;
}

type Identity = Pick<Raised, 'incidentKey' | 'provider' | 'ruleId'>;

const slotOf = ({ provider, ruleId }: Identity): string => `${provider}:${ruleId}`;

/** What is raised under some keys, and what a batch of events changes in it. Pure memory. */
export class RaisedBook {
  private readonly byKey = new Map<string, Map<string, Raised>>();
  private readonly changed = new Map<string, { identity: Identity; now: Raised | null }>();

  private readonly left: Leaver[] = [];
  private readonly heard = new Map<string, Identity>();

  constructor(stored: readonly Raised[]) {
    for (const raised of stored) this.put(raised);
  }

  at(incidentKey: string): Raised[] {
    return [...(this.byKey.get(incidentKey)?.values() ?? [])];
  }

  /** What stands of one rule's problem at that provider. */
  openOf(identity: Identity): Raised | null {
    return this.byKey.get(identity.incidentKey)?.get(slotOf(identity)) ?? null;
  }

  raise(raised: Raised): void {
    const known = this.openOf(raised);
    // A repeat of the same problem, by far the usual case, writes nothing.
    const isKnown = known?.eventType === raised.eventType && known.ruleName === raised.ruleName;
    if (isKnown && known.siteCustId === raised.siteCustId) return;
    this.put(raised);
    this.note(raised, raised);
  }

  /** Something came of it. Kept in mind where an outage holds it: what is silent for long is let go of. */
  hear({ siteCustId, incidentKey, provider, ruleId }: Raised): void {
    if (siteCustId === null) return;
    const identity = { incidentKey, provider, ruleId };
    this.heard.set(`${incidentKey} ${slotOf(identity)}`, identity);
  }

  clear(identity: Identity): void {
    this.byKey.get(identity.incidentKey)?.delete(slotOf(identity));
    this.note(identity, null);
  }

  leave(leaver: Leaver): void {
    this.left.push(leaver);
  }

  /** To be stored, one entry for each that changed, in an order that is the same in every process. */
  changes(): { raised: Raised[]; cleared: Identity[]; left: readonly Leaver[]; heard: Identity[] } {
    const entries = [...this.changed.entries()]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, entry]) => entry);
    return {
      raised: entries.flatMap(({ now }) => (now ? [now] : [])),
      cleared: entries.flatMap(({ identity, now }) => (now ? [] : [identity])),
      left: this.left,
      heard: [...this.heard.values()],
    };
  }

  private put(raised: Raised): void {
    const slots = this.byKey.get(raised.incidentKey) ?? new Map<string, Raised>();
    slots.set(slotOf(raised), raised);
    this.byKey.set(raised.incidentKey, slots);
  }

  private note(identity: Identity, now: Raised | null): void {
    this.changed.set(`${identity.incidentKey} ${slotOf(identity)}`, { identity, now });
  }
}
