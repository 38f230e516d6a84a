import type { Scope } from '@backhaul/persistence';
import type { ProviderName } from '@backhaul/psa';
import type { ConnectionRepository } from '../connections/connection.repository.js';
import type { CheckedLink } from './psa-checks.js';

/** The link of a partner as ticketing can open it. */
export class LinkReader {
  constructor(
    private readonly connections: ConnectionRepository,
    private readonly approvals: (scope: Scope, provider: ProviderName) => Promise<string[]>,
  ) {}

  /** Null without credentials that could be used. */
  async read(scope: Scope, provider: ProviderName): Promise<CheckedLink | null> {
    const row = await this.connections.findOne(scope, { provider });
    if (row?.mode !== 'rest') return null;
    const { connectionId, partnerId, sealedSecret } = row;
    const endpoint = JSON.parse(row.endpoint) as CheckedLink['endpoint'];
    return { connectionId, partnerId, endpoint, sealedSecret, egress: await this.approvals(scope, provider) };
  }
}
