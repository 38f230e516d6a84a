import { AsyncLocalStorage } from 'node:async_hooks';
import { type PartnerId, PLATFORM } from '@backhaul/domain';

/** What the policies take for the service's own work: consumers, relays, agents' reports. */
export const EVERY_PARTNER = '*';

const context = new AsyncLocalStorage<PartnerId>();

/**
 * Everything that `work` does in the database sees and writes this partner's rows alone, whatever its statements say.
 * Operators of the platform work across partners.
 */
export const asPartner = <T>(partnerId: PartnerId, work: () => T): T =>
  partnerId === PLATFORM ? context.exit(work) : context.run(partnerId, work);

/** The value of `app.partner` for the statement that is sent now. */
export const currentPartner = (): string => context.getStore() ?? EVERY_PARTNER;
