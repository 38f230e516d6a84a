import { PreparingClient } from '../preparing-client.js';
import { currentPartner } from './tenant-context.js';

const SET = "SELECT set_config('app.partner', $1, false)";

/**
 * A connection that tells PostgreSQL for whom the next statement is, whenever that differs from the one before. The two
 * go out one behind the other on the same connection, so no statement can run under another's name.
 */
export class TenantClient extends PreparingClient {
  /** A new connection has no name, and so sees nothing. */
  private partner: string | null = null;

  override query(...args: unknown[]): never {
    const partner = currentPartner();
    if (partner !== this.partner) {
      this.partner = partner;
      const set = super.query(SET, [partner]) as unknown as Promise<unknown>;
      // The statement behind it fails as well, and says why.
      set.catch(() => (this.partner = null));
    }
    return super.query(...args);
  }
}
