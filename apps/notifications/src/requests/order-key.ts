import { EVENT_TYPE_INFO, incidentKeyOf, type Keyed } from '@backhaul/domain';
import { backupEvents } from '@backhaul/messaging';

/** For what is not known more precisely: whatever the account tells next is newer. */
export const accountKey = (accountNo: number): string => `account:${accountNo}`;

/** By which newer events overtake one that was set aside: its problem, or its account where that cannot be told. */
export function orderKeyOfRecord(
  topic: string,
  json: unknown,
  { accountNo }: { accountNo: number | null },
): string | null {
  if (topic !== backupEvents.name || accountNo === null) return null;
  const event = (json as { event?: Keyed } | null)?.event;
  try {
    return event && Object.hasOwn(EVENT_TYPE_INFO, event.type) ? incidentKeyOf(event) : accountKey(accountNo);
  } catch {
    // It lacks what a problem is told by.
    return accountKey(accountNo);
  }
}
