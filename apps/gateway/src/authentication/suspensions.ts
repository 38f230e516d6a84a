import { Problem } from '@backhaul/http';
import type { PartnerPayload } from '@backhaul/messaging';

/** What is needed of the compacted topic in memory. */
export interface PartnerTable {
  get(partnerId: string): PartnerPayload | undefined;
  readonly isReady: boolean;
}

/** Which partners are shut out, from memory: also of credentials that are believed while accounts is away. */
export class Suspensions {
  constructor(private readonly partners: PartnerTable) {}

  get isReady(): boolean {
    return this.partners.isReady;
  }

  isSuspended(partnerId: string): boolean {
    return this.partners.get(partnerId)?.isSuspended === true;
  }

  /** @throws Problem 403 */
  assertNone(partnerId: string): void {
    if (this.isSuspended(partnerId)) throw Problem.partnerSuspended();
  }
}
