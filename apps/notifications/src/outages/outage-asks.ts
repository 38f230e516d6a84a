import { uuidFrom } from '@backhaul/domain';
import type { Provider, TicketRequestPayload, TicketSite } from '@backhaul/messaging';
import type { Leaver } from '../requests/raised-book.js';
import { type Site, siteKeyOf, type Standing } from './outage.js';
import { siteWords } from './outage-words.js';

export interface TicketAsk {
  provider: Provider;
  request: TicketRequestPayload;
}

/** The request of one problem, told on the outage's ticket: its id stays, so that its event learns of it. */
export function joinAsk(
  site: Site,
  { provider, accountNo }: Standing,
  request: TicketRequestPayload,
  words: TicketSite,
): TicketAsk {
  const place = { custId: site.custId, accountNo, incidentKey: siteKeyOf(site) };
  return { provider, request: { ...request, ...place, subject: { ...request.subject, site: words } } };
}

/** What ended with the outage, and how it is worded. */
interface End {
  leavers: readonly Leaver[];
  /** The last that were left were silent. */
  isSilent: boolean;
  now: Date;
  usernames: ReadonlyMap<number, string>;
}

/** By the event that ended the last problem. */
export function endAsk(site: Site, standing: Standing, end: End): TicketAsk {
  const requests = end.leavers.flatMap(({ request }) => request ?? []);
  const [last] = requests.sort((a, b) => (a.eventId > b.eventId ? -1 : 1));
  const request = last ?? endOf(site, standing, end);
  return joinAsk(site, standing, request, siteWords(request.accountNo, [], end.usernames, standing.silent));
}

/** Where accounts are gone, or problems silent, and no event told the end. */
function endOf(
  site: Site,
  { accountNo, ruleName, eventId }: Standing,
  { isSilent, now }: End,
): TicketRequestPayload {
  const { ruleId, partnerId, custId } = site;
  const id = uuidFrom('site outage ended', ruleId, String(custId), eventId);
  return {
    requestId: id,
    eventId: id,
    ruleId,
    ruleName,
    partnerId,
    custId,
    accountNo,
    incidentKey: siteKeyOf(site),
    intent: 'resolve',
    severity: 'OK',
    occurredAt: now.toISOString(),
    subject: {
      eventType: isSilent ? 'nothing_heard' : 'account_deleted', hostName: null, jobName: null, agent: 'backhaul',
      status: isSilent ? 'silent' : 'success', message: null,
    },
  }; // prettier-ignore
}
