import { Problem } from '@backhaul/http';
import type { Scope } from '@backhaul/persistence';
import {
  type AllowList,
  type ConnectionCheck,
  type createEgressDispatcher,
  createTicketPort,
  PsaError,
  type ProviderName,
  type PsaReason,
} from '@backhaul/psa';
import type { ChangeConnectionsHandler } from './change-connections.handler.js';
import type { ConnectionTestRepository } from './connection-test.repository.js';

const TEST_MS = 30_000;

export interface Egress {
  allow: AllowList;
  dispatcher: ReturnType<typeof createEgressDispatcher>;
}

/** What lies between us and the PSA, told apart, would let a partner map networks through us (security 5.2). */
const OF_THE_NETWORK: ReadonlySet<PsaReason> = new Set([
  'refused', 'host_not_found', 'tls_failed', 'connect_timeout', 'unreachable', 'egress_blocked',
  'aborted_before_sending', 'connection_lost', 'timed_out', 'aborted',
]); // prettier-ignore

/** Asks the PSA itself whether the stored credentials work. */
export class TestConnectionHandler {
  constructor(
    private readonly connections: ChangeConnectionsHandler,
    private readonly budget: ConnectionTestRepository,
    private readonly egress: Egress,
  ) {}

  /** What the partner can put right stands in the steps. @throws Problem 404 without a connection, 429 */
  async test(scope: Scope, provider: ProviderName): Promise<ConnectionCheck> {
    const { parts } = await this.connections.read(scope, provider);
    if (!parts) throw Problem.notFound();
    const waitS = await this.budget.take(scope);
    if (waitS > 0) throw Problem.tooMany(waitS, 'At most five tests a minute.');
    try {
      const port = createTicketPort(provider, {
        ...parts,
        ticketing: {},
        dispatcher: this.egress.dispatcher,
      });
      return shownCheck(await port.testConnection(AbortSignal.timeout(TEST_MS)));
    } catch (error) {
      if (!(error instanceof PsaError)) throw error;
      const step = { name: 'version', isOk: false, reason: error.reason };
      return shownCheck({ isOk: false, version: null, steps: [step] });
    }
  }
}

export function shownCheck(check: ConnectionCheck): ConnectionCheck {
  const steps = check.steps.map((step) => ({ ...step, reason: shownReason(step.reason) }));
  return { ...check, steps };
}

function shownReason(reason: string | null): string | null {
  return reason !== null && (OF_THE_NETWORK as ReadonlySet<string>).has(reason) ? 'unreachable' : reason;
}
