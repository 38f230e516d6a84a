import type { TicketSite } from '@backhaul/messaging';
import type { SiteOutage } from './outage.js';
import { SILENT_DAYS } from './silence.js';

const MOST_NAMED = 20;

interface Why {
  reason: string;
  message: string;
}

/** Beside an event whose ticket waits. */
export const heldForOutage = ({ accounts, withinMinutes }: SiteOutage): Why => ({
  reason: 'gathering',
  message: `A ticket waits ${withinMinutes} minutes: if ${accounts} accounts of the customer fail, one tells of all.`,
});

/** Beside an event whose problem has its ticket with others. */
export const heldForTicket = (): Why => ({
  reason: 'site_outage',
  message: 'Part of a site outage: one ticket tells of all its problems, and closes with the last of them.',
});

/** Which accounts are named: few enough to be read, the same in every process. */
export const namedOf = (accountNos: readonly number[]): number[] =>
  [...new Set(accountNos)].sort((a, b) => a - b).slice(0, MOST_NAMED);

/**
 * @param accountNos those of all problems of the outage, and `accountNo` that of this one
 * @param silent those of problems that count no more
 */
export function siteWords(
  accountNo: number,
  accountNos: readonly number[],
  usernames: ReadonlyMap<number, string>,
  silent: readonly number[] = [],
): TicketSite {
  const named = (nos: readonly number[]): TicketSite['accounts'] =>
    namedOf(nos).map((no) => ({ accountNo: no, username: usernames.get(no) ?? null }));
  return {
    accountNo,
    accountCount: new Set(accountNos).size,
    accounts: named(accountNos),
    ...(silent.length > 0 && { silent: { days: SILENT_DAYS, accounts: named(silent) } }),
  };
}
