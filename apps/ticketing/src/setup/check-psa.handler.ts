import type { Choice, Contract, SettingsCheck, SetupPort } from '@backhaul/psa';
import type { CallBudget } from './call-budget.js';
import type { PsaCheckIn } from './psa-checks.types.js';
import type { SetupPorts } from './setup-ports.js';
import { heldProblem, setupProblem } from './setup-problem.js';

/** Longest that a save waits for an answer, milliseconds; then it is saved without. */
const CHECK_MS = 8_000;

export interface PsaCheckOut {
  settings?: SettingsCheck;
  companies?: Choice[];
  contracts?: Contract[];
}

/** Asks a PSA by the link that comes with the question: one saved a moment ago may not have arrived here yet. */
export class CheckPsaHandler {
  constructor(
    private readonly ports: Pick<SetupPorts, 'with'>,
    private readonly budget: CallBudget,
  ) {}

  /** @throws Problem 409, 429, 502, 503, 504 */
  async handle(body: PsaCheckIn): Promise<PsaCheckOut> {
    const refused = await this.budget.take(body.connectionId);
    if (refused) throw heldProblem(refused);
    const { connectionId, partnerId, endpoint, sealedSecret, egress, ticketing = {} } = body;
    const link = { connectionId, partnerId, endpoint, sealedSecret, egress, ticketing };
    try {
      return await this.ports.with(link, (port) => answer(port, body, AbortSignal.timeout(CHECK_MS)));
    } catch (error) {
      throw setupProblem(error, 'checking');
    }
  }
}

async function answer(
  port: SetupPort,
  { ticketing, companies, contracts }: PsaCheckIn,
  signal: AbortSignal,
): Promise<PsaCheckOut> {
  return {
    ...(ticketing && { settings: await port.checkSettings(ticketing, signal) }),
    ...(companies && { companies: companies.length === 0 ? [] : await port.companies(companies, signal) }),
    ...(contracts && { contracts: contracts.length === 0 ? [] : await port.contracts(contracts, signal) }),
  };
}
