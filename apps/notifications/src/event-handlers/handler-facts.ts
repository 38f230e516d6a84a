import { type AccountNo, type BrandId, ConditionFacts, type CustomerId } from '@backhaul/domain';
import type { KnownEvent } from '../requests/event-decision.js';

const LONGEST_NAME = 500;
const LONGEST_MESSAGE = 2000;

/** What a search of the event log would compare: as much of each text, and the first issue where nothing is said. */
export function eventFacts(event: KnownEvent): ConditionFacts {
  const { tenant, outcome, job, identity } = event;
  return new ConditionFacts({
    accountNo: String(tenant.accountNo),
    custId: String(tenant.customerId),
    brandId: tenant.brandId,
    type: event.type,
    severity: outcome.severity,
    status: outcome.status,
    job: cut(job.jobName ?? job.nativeJobId, LONGEST_NAME),
    hostName: cut(identity.hostName, LONGEST_NAME),
    message: cut(outcome.message ?? event.issues.at(0)?.message ?? null, LONGEST_MESSAGE),
    receivedAt: event.receivedAt,
  });
}

const cut = (text: string | null, longest: number): string | null => text?.slice(0, longest) ?? null;

/** An account that a web request names, as far as this service knows it. */
export interface RequestedAccount {
  accountNo: AccountNo;
  custId: CustomerId | null;
  brandId: BrandId | null;
  username: string;
  hostName: string | null;
}

/** A web request has no type, message or time of receipt: nothing holds of those. */
export function requestFacts(account: RequestedAccount | null): ConditionFacts {
  if (account === null) return new ConditionFacts({});
  const { accountNo, custId, brandId, hostName } = account;
  return new ConditionFacts({
    accountNo: String(accountNo),
    // Not known of an account that was told before customers were kept here.
    ...(custId !== null && { custId: String(custId) }),
    brandId,
    hostName,
  });
}
