import type { Clock } from '@backhaul/domain';
import type { SoapEnd } from './connection-out.js';

/** SOAP_ENDS_AT beside what the clock says now (B11). */
export class SoapEndDate {
  private readonly endsAt: Date;

  constructor(
    endsAt: string,
    private readonly clock: Clock,
  ) {
    this.endsAt = new Date(endsAt);
  }

  seen(): SoapEnd {
    return { endsAt: this.endsAt, now: this.clock.now() };
  }
}
