import type { CustomerId, PartnerId, RuleId } from '@backhaul/domain';
import type { Provider } from '@backhaul/messaging';

const MINUTE_MS = 60_000;

/** One ticket for a customer: once so many of its accounts fail within so long. */
export interface SiteOutage {
  accounts: number;
  withinMinutes: number;
}

/** A problem that waits to see whether other accounts of the customer fail, too. Times in milliseconds since 1970. */
export interface Gathering {
  custId: CustomerId;
  /** Since when nothing else holds its ticket back. */
  sinceMs: number;
  /** Then it has waited long enough; null: nobody has looked at it yet. */
  untilMs: number | null;
}

/** An outage that stands, and where its ticket is kept. */
export interface Standing {
  provider: Provider;
  /** Of the problem that came first. */
  accountNo: number;
  ruleName: string;
  /** Of its first problem. */
  eventId: string;
  /** Accounts with a problem that was let go of, as nothing was heard of it; left out while there is none. */
  silent?: readonly number[];
}

/** A rule and a customer: at most one outage stands for both. */
export interface Site {
  ruleId: RuleId;
  custId: CustomerId;
  partnerId: PartnerId;
  standing: Standing | null;
}

/** What may get a ticket now, for nothing else holds it back. */
export interface Ready extends Omit<Gathering, 'custId'> {
  accountNo: number;
  provider: Provider;
  /** The outage's ticket tells of it already. */
  isMember: boolean;
}

export interface Settled<T> {
  /** To be told on the outage's ticket. */
  join: T[];
  /** To get a ticket each. */
  own: T[];
  wait: { one: T; untilMs: number }[];
}

/** The problem under which the ticket of an outage is kept. */
export const siteKeyOf = ({ partnerId, custId, ruleId }: Omit<Site, 'standing'>): string =>
  `${partnerId}/site:${custId}/${ruleId}`;

/** What becomes of the problems of one customer that one rule tells of. `option` null: the rule wants no such ticket. */
export function settle<T extends Ready>(
  standing: Standing | null,
  ready: readonly T[],
  option: SiteOutage | null,
  nowMs: number,
): Settled<T> {
  const provider = standing?.provider ?? (option && outageAt(option, ready, nowMs));
  const settled: Settled<T> = { join: [], own: [], wait: [] };
  for (const one of ready) {
    const isWanted = option !== null && one.provider === provider;
    if (one.isMember || isWanted) settled.join.push(one);
    else if (option === null || standing !== null || isDue(one, nowMs)) settled.own.push(one);
    else settled.wait.push({ one, untilMs: one.untilMs ?? nowMs + option.withinMinutes * MINUTE_MS });
  }
  return settled;
}

const isDue = ({ untilMs }: Ready, nowMs: number): boolean => untilMs !== null && untilMs <= nowMs;

/** Where the ticket of an outage is to be opened: as soon as one of its problems has waited long enough; or null. */
function outageAt(option: SiteOutage, ready: readonly Ready[], nowMs: number): Provider | null {
  const bySince = ready.toSorted((a, b) => a.sinceMs - b.sinceMs);
  const providers = new Set(bySince.filter((one) => isDue(one, nowMs)).map(({ provider }) => provider));
  const isOutage = (provider: Provider): boolean =>
    hasCrowd(
      option,
      bySince.filter((one) => one.provider === provider),
      nowMs,
    );
  return [...providers].find(isOutage) ?? null;
}

/** Whether so many accounts began to fail within so long, among them one that has waited long enough. Oldest first. */
function hasCrowd(
  { accounts, withinMinutes }: SiteOutage,
  problems: readonly Ready[],
  nowMs: number,
): boolean {
  const failing = new Map<number, number>();
  let dueCount = 0;
  const count = (one: Ready, by: 1 | -1): void => {
    const problemCount = (failing.get(one.accountNo) ?? 0) + by;
    if (problemCount === 0) failing.delete(one.accountNo);
    else failing.set(one.accountNo, problemCount);
    if (isDue(one, nowMs)) dueCount += by;
  };
  const window: Ready[] = [];
  let start = 0;
  for (const last of problems) {
    window.push(last);
    count(last, 1);
    for (let first = window[start]; first && first.sinceMs < last.sinceMs - withinMinutes * MINUTE_MS;) {
      count(first, -1);
      first = window[++start];
    }
    if (failing.size >= accounts && dueCount > 0) return true;
  }
  return false;
}
