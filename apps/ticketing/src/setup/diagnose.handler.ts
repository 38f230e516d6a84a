import type { Clock, PartnerId } from '@backhaul/domain';
import { Problem } from '@backhaul/http';
import type { Provider } from '@backhaul/messaging';
import { type Diagnosis, type Finding, PsaError, type SetupPort, shownReason, wordsOf } from '@backhaul/psa';
import type { ConnectionRepository, KnownConnection } from '../connections/connection.repository.js';
import type { AskPsa } from './ask-psa.js';
import type { DiagnosisOut, DiagnosticsOut, FindingOut, StepState } from './diagnostics.types.js';
import { mapFindings } from './map-findings.js';
import type { MappedCustomer, MappedCustomers } from './mapped-customers.repository.js';

const skipped = (name: string, guideStep: string | null): DiagnosisOut => ({
  name,
  guideStep,
  state: 'skipped',
  findings: [],
});

/** Walks the setup step by step against the PSA as it is, and says of each what is wrong and how it is mended. */
export class DiagnoseHandler {
  constructor(
    private readonly psa: AskPsa,
    private readonly connections: ConnectionRepository,
    private readonly customers: MappedCustomers,
    private readonly provider: Provider,
    private readonly clock: Clock,
  ) {}

  /** @throws Problem 503 while the connection may not be called */
  async handle(partnerId: PartnerId): Promise<DiagnosticsOut> {
    const connection = await this.connections.ofPartner(partnerId);
    const local = [credentialsStep(connection), enabledStep(connection)];
    const steps =
      connection && !connection.needsChange
        ? [...local, ...(await this.live(connection))]
        : [...local, skipped('login', null)];
    return {
      isOk: steps.every(({ state }) => state !== 'failed'),
      steps,
      readAt: this.clock.now().toISOString(),
    };
  }

  private async live(connection: KnownConnection): Promise<DiagnosisOut[]> {
    try {
      return await this.psa.read(connection, 'diagnosing', async (port, signal) => {
        const steps = port.diagnose(connection.ticketing);
        const mine = this.mapSteps(port, connection);
        return walk([...steps, ...mine], signal);
      });
    } catch (error) {
      // Secrets that do not open are a finding as well; that nobody may call now is none.
      if (!(error instanceof Problem) || error.status !== 409) throw error;
      return [told('credentials', null, [{ level: 'error', reason: 'secrets_lost', message: error.detail }])];
    }
  }

  /** Each customer is a company of its own that is still there (E13, D6, D34), and linked to it (E42-E47). */
  private mapSteps(port: SetupPort, { partnerId }: KnownConnection): Diagnosis[] {
    const isGuided = this.provider === 'connectwise';
    const step = (name: string, guideStep: string, run: Diagnosis['run']): Diagnosis => ({
      name,
      guideStep: isGuided ? guideStep : null,
      isGate: false,
      run,
    });
    const mapped = async (): Promise<MappedCustomer[]> => this.customers.all(partnerId);
    const map = step('customerMap', '1', async (signal) => {
      const customers = await mapped();
      const ids = customers.flatMap(({ psaCompanyId }) => psaCompanyId ?? []);
      const companies = ids.length === 0 ? [] : await port.companies(ids, signal);
      return mapFindings(customers, companies);
    });
    const links = step('managedIds', '10', async (signal) => {
      const all = (await mapped()).flatMap(({ custId, psaCompanyId }) =>
        psaCompanyId === null ? [] : [{ custId, companyId: psaCompanyId }],
      );
      const findings = await port.linkFindings(all.slice(0, MOST_LINKS), signal);
      return all.length > MOST_LINKS ? [...findings, notLooked(all.length - MOST_LINKS)] : findings;
    });
    return isGuided ? [map, links] : [map];
  }
}

/** Each costs a request: of more, the first are looked at. */
const MOST_LINKS = 50;

const notLooked = (count: number): Finding => ({
  level: 'warning',
  reason: 'more',
  message: `${count} more customers were not looked at.`,
});

/** One after the other: the vendors count simultaneous calls, and a gate that is shut closes what lies behind it. */
async function walk(steps: readonly Diagnosis[], signal: AbortSignal): Promise<DiagnosisOut[]> {
  const done: DiagnosisOut[] = [];
  let isShut = false;
  for (const { name, guideStep, isGate, run } of steps) {
    if (isShut) {
      done.push(skipped(name, guideStep));
      continue;
    }
    const findings = await run(signal).catch(findingOf);
    const step = told(name, guideStep, findings);
    isShut = isGate && step.state === 'failed';
    done.push(step);
  }
  return done;
}

function findingOf(error: unknown): Finding[] {
  if (!(error instanceof PsaError)) throw error;
  const words = wordsOf(error.reason);
  const message = `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
  return [{ level: 'error', reason: shownReason(error.reason), message }];
}

function told(name: string, guideStep: string | null, findings: FindingOut[]): DiagnosisOut {
  const state: StepState = findings.some(({ level }) => level === 'error')
    ? 'failed'
    : findings.length > 0
      ? 'warning'
      : 'ok';
  return { name, guideStep, state, findings };
}

function credentialsStep(connection: KnownConnection | null): DiagnosisOut {
  const reason = connection === null ? 'missing' : connection.needsChange ? 'needs_change' : null;
  const message =
    reason === 'missing'
      ? 'Enter the credentials first, under PSA Credentials.'
      : 'ConnectWise ended its SOAP interface: enter the keys of an API member under PSA Credentials.';
  return told('credentials', '6', reason === null ? [] : [{ level: 'error', reason, message }]);
}

function enabledStep(connection: KnownConnection | null): DiagnosisOut {
  const isOff = connection !== null && !connection.isEnabled;
  const message = 'The integration is off: tick it in Integration Setup and save.';
  return told('settings', '7', isOff ? [{ level: 'warning', reason: 'disabled', message }] : []);
}
