import { AsyncLocalStorage } from 'node:async_hooks';
import { type PartnerId, PLATFORM } from '@backhaul/domain';

/** For whom a request is answered. */
export interface RequestCaller {
  partnerId: PartnerId;
  /** Who acts: `account:<no>`, `key:<keyId>`, `operator:<id>`. */
  subject: string;
  /** The account as which they act, while impersonating. */
  onBehalfOf: number | null;
  ip: string | null;
  requestId: string | null;
}

/** What the policies take for the service's own work: consumers, relays, agents' reports. */
export const EVERY_PARTNER = '*';

const context = new AsyncLocalStorage<RequestCaller | null>();

/**
 * Everything that `work` does in the database sees and writes the caller's partner's rows alone, whatever its statements
 * say; operators of the platform work across partners. Audit entries name this caller.
 */
export const asCaller = <T>(caller: RequestCaller, work: () => T): T => context.run(caller, work);

/** The service's own work though a person asked for it: across partners, as in a consumer. */
export const asServiceItself = <T>(work: () => T): T => context.run(null, work);

export const currentCaller = (): RequestCaller | undefined => context.getStore() ?? undefined;

/** The value of `app.partner` for the statement that is sent now. */
export function currentPartner(): string {
  const partnerId = context.getStore()?.partnerId;
  return partnerId === undefined || partnerId === PLATFORM ? EVERY_PARTNER : partnerId;
}
