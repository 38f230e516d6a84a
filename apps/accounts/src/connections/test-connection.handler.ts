import type { Secret } from '@backhaul/domain';
import { Problem } from '@backhaul/http';
import { type Keyring, type Scope, SealError } from '@backhaul/persistence';
import { openConnection } from '@backhaul/persistence/opening';
import {
  type ConnectionCheck,
  createTicketPort,
  type Egress,
  type ProviderName,
  PsaError,
} from '@backhaul/psa';
import type { ChangeConnectionsHandler } from './change-connections.handler.js';
import { shownCheck } from './check-words.js';
import type { ConnectionTestRepository } from './connection-test.repository.js';
import { type ConnectionEntity } from './connection.entity.js';
import type { ConnectionRepository } from './connection.repository.js';
import type { CheckOut } from './connections.types.js';

const TEST_MS = 30_000;

export interface TestParts {
  connections: ConnectionRepository;
  budget: ConnectionTestRepository;
  keyring: Keyring;
  egress: Egress;
  /** What was approved for the partner's link, as it stands now. */
  approvals: (scope: Scope, provider: ProviderName) => Promise<string[]>;
}

/** Asks the PSA itself whether the stored credentials work. The one place of this service that opens them. */
export class TestConnectionHandler {
  constructor(
    private readonly changeConnections: ChangeConnectionsHandler,
    private readonly parts: TestParts,
  ) {}

  /** What the partner can put right stands in the steps. @throws Problem 404 without a connection, 409, 429 */
  async test(scope: Scope, provider: ProviderName): Promise<CheckOut> {
    const row = await this.parts.connections.findOne(scope, { provider });
    if (!row) throw Problem.notFound();
    if (row.mode === 'soap')
      throw Problem.conflict('The connection needs a change: enter the keys of an API member first.');
    const waitS = await this.parts.budget.take(scope);
    if (waitS > 0) throw Problem.tooMany(waitS, 'At most five tests a minute.');
    const check = shownCheck(await this.check(scope, row));
    const reason = check.steps.find(({ isOk }) => !isOk)?.reason ?? null;
    await this.changeConnections.checked(scope, provider, row.version, reason);
    return check;
  }

  private async check(scope: Scope, row: ConnectionEntity): Promise<ConnectionCheck> {
    const secret = this.open(row);
    if (!secret) return failed('secrets_lost');
    const wayOut = this.parts.egress.wayOut(await this.parts.approvals(scope, row.provider));
    try {
      const endpoint = JSON.parse(row.endpoint) as Record<string, string | null>;
      const { dispatcher } = wayOut;
      const port = createTicketPort(row.provider, { endpoint, secret, ticketing: {}, dispatcher });
      return await port.testConnection(AbortSignal.timeout(TEST_MS));
    } catch (error) {
      if (!(error instanceof PsaError)) throw error;
      return failed(error.reason);
    } finally {
      await wayOut.close();
    }
  }

  private open(row: ConnectionEntity): Secret<Record<string, string>> | null {
    try {
      return openConnection(this.parts.keyring, row);
    } catch (error) {
      if (error instanceof SealError) return null;
      throw error;
    }
  }
}

const failed = (reason: string): ConnectionCheck => ({
  isOk: false,
  version: null,
  steps: [{ name: 'version', isOk: false, reason }],
});
