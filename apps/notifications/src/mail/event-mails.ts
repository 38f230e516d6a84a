import { type AccountNo, type BrandId, EVENT_TYPE_INFO, type PartnerId, uuidFrom } from '@backhaul/domain';
import type { Tx } from '@backhaul/persistence';
import { isOn, isOption, type Switched } from '../options/options.js';
import type { KnownEvent } from '../requests/event-decision.js';
import { addressesIn } from './addresses.js';
import type { MailDraft } from './mail.repository.js';
import { plainText } from './plain-text.js';

/** Old news is worse than none. */
const KEPT_MS = 3 * 24 * 60 * 60 * 1000;
const LONGEST_MESSAGE = 4000;

/** An account with its options, as far as mail needs them. */
export interface Contactable {
  accountNo: AccountNo;
  partnerId: PartnerId;
  brandId: BrandId | null;
  username: string;
  contact: string;
  switched: Switched | null;
}

/** Whether an account's own contacts may hear of the event at all, whatever their options. */
export function isMailable(event: KnownEvent, isLate: boolean): boolean {
  const { phase, dryRun } = event.outcome;
  return !isLate && !dryRun && phase !== 'progress' && isOption(event.type);
}

/** Whether the account's own options ask for mail about the event. */
export const isWanted = (event: KnownEvent, { switched }: Contactable): boolean =>
  isOn(switched ?? {}, event.type);

/**
 * One mail for each address of the account: the same, whether its options or rules ask for it. Somebody who has an event
 * reprocessed, at `again`, asks for another.
 */
export function mailsOf(
  event: KnownEvent,
  account: Contactable,
  again: { operationId: string; at: Date } | null = null,
): MailDraft[] {
  const { partnerId, accountNo } = event.tenant;
  const since = again?.at.getTime() ?? Date.parse(event.receivedAt);
  const expiresAt = new Date(since + KEPT_MS);
  const more = again ? [again.operationId] : [];
  const content = contentOf(event, account);
  return addressesIn(account.contact).map((address) => ({
    mailId: uuidFrom(event.eventId, 'mail', String(accountNo), event.type, address.toLowerCase(), ...more),
    partnerId,
    accountNo,
    brandId: account.brandId,
    address,
    template: 'event',
    content,
    expiresAt,
  }));
}

function contentOf(event: KnownEvent, { username }: Contactable): MailDraft['content'] {
  const job = event.job.jobName ?? event.job.nativeJobId;
  const host = event.identity.hostName;
  const message = event.outcome.message ?? event.issues.at(0)?.message ?? '';
  return {
    accountNo: event.tenant.accountNo,
    username,
    severity: event.outcome.severity,
    what: whatOf(event),
    subjectOf: [host, job].filter((part) => part !== null).join(', ') || username,
    job,
    host,
    occurredAt: event.occurredAt,
    message: plainText(message, LONGEST_MESSAGE),
  };
}

const whatOf = ({ type }: KnownEvent): string =>
  `${EVENT_TYPE_INFO[type].group ?? 'Backhaul'} (${type.replaceAll(/[._]/g, ' ')})`;

/** The accounts that somebody can be written to about. One statement, whatever the size. */
export function contactable(tx: Tx, accountNos: readonly AccountNo[]): Promise<Contactable[]> {
  return tx.query<Contactable>(
    `SELECT a.account_no::float8 AS "accountNo", a.partner_id AS "partnerId", a.brand_id AS "brandId", a.username, a.contact,
       o.switched
     FROM known_account a LEFT JOIN notification_options o USING (account_no)
     WHERE a.account_no = ANY($1::bigint[]) AND a.contact IS NOT NULL`,
    [accountNos],
  );
}
