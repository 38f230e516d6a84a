import type { PartnerId } from '@backhaul/domain';
import { Problem } from '@backhaul/http';
import { PsaError, type SetupPort } from '@backhaul/psa';
import type { ConnectionRepository, KnownConnection } from '../connections/connection.repository.js';
import type { CallBudget } from './call-budget.js';
import type { SetupPorts } from './setup-ports.js';
import { heldProblem, setupProblem } from './setup-problem.js';

/** Longest that a person waits for the PSA, milliseconds; below the gateway's own limit. */
export const ASK_MS = 20_000;

/** Reads of a partner's PSA as it is now, within the connection's budget and breaker. */
export class AskPsa {
  constructor(
    private readonly connections: ConnectionRepository,
    private readonly budget: CallBudget,
    private readonly ports: Pick<SetupPorts, 'with'>,
  ) {}

  /** @throws Problem 409 without credentials that can be used (D18) */
  async connection(partnerId: PartnerId): Promise<KnownConnection> {
    const connection = await this.connections.ofPartner(partnerId);
    if (!connection) throw Problem.conflict('Enter the credentials first.');
    if (connection.needsChange)
      throw Problem.conflict('The connection needs a change: enter the keys of an API member first.');
    return connection;
  }

  /** @param step what is tried, for the words of a failure @throws Problem 409, 429, 502, 503, 504 */
  async read<T>(
    connection: KnownConnection,
    step: string,
    work: (port: SetupPort, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const refused = await this.budget.take(connection.connectionId);
    if (refused) throw heldProblem(refused);
    try {
      return await this.ports.with(connection, (port) => work(port, AbortSignal.timeout(ASK_MS)));
    } catch (error) {
      // The limit is the same for tickets: they wait as well.
      if (error instanceof PsaError && error.outcome === 'retry_after')
        await this.connections.pause(connection.connectionId, error.retryAfterMs ?? 30_000);
      throw setupProblem(error, step);
    }
  }
}
