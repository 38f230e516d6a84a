import type { Provider, TicketSite } from '@backhaul/messaging';
import type { Leaver, Raised } from '../requests/raised-book.js';
import type { Rule } from '../rules/rule.js';
import type { Quiet } from '../silences/silence.js';
import { type Held, heldBack } from '../watches/gate.js';
import type { Watch, Withheld } from '../watches/watch-book.js';
import { type Ready, settle, type Site, type SiteOutage, type Standing } from './outage.js';
import { endAsk, joinAsk, type TicketAsk } from './outage-asks.js';
import { siteWords } from './outage-words.js';

export type Waiting = Watch & { withheld: Withheld };

/** All that is known of a rule's problems at one customer. */
export interface SiteState {
  site: Site;
  /** Looked at now. */
  waiting: readonly Waiting[];
  /** Problems of which the outage's ticket tells. */
  members: readonly Raised[];
  leavers: readonly Leaver[];
  /** Problems of which nothing was heard for long: they were members until now. */
  silent: readonly Raised[];
}

/** What the rules and silences of now say of one that waits; null: the rule does not want it any more. */
export type Verdict = { option: SiteOutage | null; held: Held | null } | null;

/** To be written and published in one transaction. */
export interface Settlement {
  standing: Standing | null;
  watches: Watch[];
  raised: Raised[];
  asks: TicketAsk[];
}

interface Asking extends Ready {
  watch: Waiting;
}

interface Occasion {
  judge: (watch: Waiting, isMember: boolean) => Verdict;
  now: Date;
  /** Of accounts that tickets may name. */
  usernames: ReadonlyMap<number, string>;
}

/** @param rule the one that asked, if it wants the ticket still */
export function verdictOn(
  { course, withheld }: Waiting,
  rule: Rule | undefined,
  isMember: boolean,
  quiet: Quiet | null,
  nowMs: number,
): Verdict {
  if (!rule) return null;
  // A rule waits before a ticket is open, and not where somebody asks for it.
  const isPast = isMember || withheld.request.operationId !== undefined;
  const options = isPast ? { after: null, flapping: null } : {};
  return { option: rule.siteOutage, held: heldBack({ ...rule, ...options }, course, quiet, nowMs) };
}

/** Who waits joins the outage, gets a ticket, or waits on; and the outage ends with the last of its problems. Pure. */
export function settleSite(state: SiteState, occasion: Occasion): Settlement {
  const { site, members, leavers, silent } = state;
  const { now, usernames } = occasion;
  const { ready, watches, option } = judged(state, occasion);
  const { join, own, wait } = settle(site.standing, ready, option, now.getTime());
  const standing = withSilent(site.standing ?? standingOf(join), silent, join);
  const accountNos = [...members, ...join].map(({ accountNo }) => accountNo);
  // Without a leaver the last of them has just left, and is taken with the next look.
  const isOver = standing !== null && accountNos.length === 0 && leavers.length + silent.length > 0;
  const wordsOf = (accountNo: number): TicketSite =>
    siteWords(accountNo, accountNos, usernames, standing?.silent);
  return {
    standing: isOver ? null : standing,
    watches: [
      ...watches,
      ...[...join, ...own].map(({ watch }) => ({ ...watch, withheld: null })),
      ...wait.map(({ one, untilMs }) => waitingOn(one.watch, untilMs)),
    ],
    raised: [
      ...join.map(({ watch }) => raisedOf(watch, site.custId)),
      ...own.map(({ watch }) => raisedOf(watch, null)),
    ],
    asks: [
      ...own.map(({ watch: { withheld } }) => ({ provider: withheld.provider, request: withheld.request })),
      ...(standing
        ? join.map(({ watch }) => joinAsk(site, standing, watch.withheld.request, wordsOf(watch.accountNo)))
        : []),
      ...(isOver ? [endAsk(site, standing, { leavers, isSilent: silent.length > 0, now, usernames })] : []),
    ],
  };
}

/** Who may get a ticket now, what the rule wants, and how the others wait on, if they do. */
function judged({ waiting, members }: SiteState, { judge, now }: Occasion) {
  const placeOf = (incidentKey: string, provider: Provider): string => `${provider} ${incidentKey}`;
  const places = new Set(members.map(({ incidentKey, provider }) => placeOf(incidentKey, provider)));
  const ready: Asking[] = [];
  const watches: Watch[] = [];
  let option: SiteOutage | null = null;
  for (const watch of waiting) {
    const isMember = places.has(placeOf(watch.incidentKey, watch.withheld.provider));
    const verdict = judge(watch, isMember);
    option = verdict?.option ?? option;
    if (verdict?.held === null) ready.push(askingOf(watch, isMember, now));
    // The ticket that is open stays so without a note.
    else watches.push({ ...watch, withheld: isMember ? null : heldOf(watch, verdict?.held ?? null) });
  }
  return { ready, watches, option };
}

function askingOf(watch: Waiting, isMember: boolean, now: Date): Asking {
  const { accountNo, withheld } = watch;
  const { provider, gathering } = withheld;
  const { sinceMs = now.getTime(), untilMs = null } = gathering ?? {};
  return { watch, accountNo, provider, sinceMs, untilMs, isMember };
}

const heldOf = ({ withheld }: Waiting, held: Held | null): Withheld | null =>
  held && { ...withheld, reason: held.reason, dueAtMs: held.untilMs, gathering: null };

function waitingOn(watch: Waiting, untilMs: number): Watch {
  const { gathering } = watch.withheld;
  return {
    ...watch,
    withheld: { ...watch.withheld, dueAtMs: untilMs, gathering: gathering && { ...gathering, untilMs } },
  };
}

/** Its ticket is kept with the account that failed first. */
function standingOf(join: readonly Asking[]): Standing | null {
  const [first] = join.toSorted(
    (a, b) => a.sinceMs - b.sinceMs || (a.watch.incidentKey < b.watch.incidentKey ? -1 : 1),
  );
  if (!first) return null;
  const { provider, accountNo, watch } = first;
  const { ruleName, eventId } = watch.withheld.request;
  return { provider, accountNo, ruleName, eventId };
}

/** Its ticket names them with what it says next, but for those that are heard of again. */
function withSilent(
  standing: Standing | null,
  silent: readonly Raised[],
  join: readonly Asking[],
): Standing | null {
  const known = standing?.silent ?? [];
  if (standing === null || known.length + silent.length === 0) return standing;
  const again = new Set(join.map(({ accountNo }) => accountNo));
  const accountNos = [...known, ...silent.map(({ accountNo }) => accountNo)];
  return { ...standing, silent: [...new Set(accountNos)].filter((accountNo) => !again.has(accountNo)) };
}

function raisedOf({ withheld: { request, provider }, ...watch }: Waiting, siteCustId: Raised['siteCustId']): Raised {
  const { incidentKey, ruleId, partnerId, accountNo, eventType } = watch;
  const { ruleName } = request;
  return { incidentKey, ruleId, partnerId, accountNo, eventType, provider, ruleName, siteCustId };
} // prettier-ignore
