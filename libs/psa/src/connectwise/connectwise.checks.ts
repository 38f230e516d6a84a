import { PsaError } from '../psa-error.js';
import type { Finding } from '../setup-port.js';
import type { ConnectWiseClient } from './connectwise.client.js';
import type { SolutionRecord } from './connectwise.types.js';

/** Without the add-on the tables are not there at all (E10). */
export const ADD_ON_MISSING: Finding = {
  level: 'warning',
  reason: 'add_on_missing',
  message:
    'The managed devices add-on of ConnectWise is not installed: tickets work, billing and statistics do not.',
};

/** The version of the PSA; tells a company that is not there from a key that is wrong. @throws PsaError */
export async function readVersion(client: ConnectWiseClient, signal: AbortSignal): Promise<string | null> {
  try {
    const info = (await client.get('/system/info', {}, signal)) as { version?: unknown } | null;
    return typeof info?.version === 'string' ? info.version : null;
  } catch (error) {
    if (!(error instanceof PsaError) || error.outcome !== 'credential') throw error;
    if (!(await client.isUnknownCompany(signal))) throw error;
    throw new PsaError({ outcome: 'credential', reason: 'company_unknown', status: error.status });
  }
}

/** The Management Solution Name is that of a Custom Solution of the PSA (B20, E15). @throws PsaError */
export async function needSolution(
  client: ConnectWiseClient,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  const found = await client.get('/company/managementItSolutions', { pageSize: 1000 }, signal);
  const solutions = Array.isArray(found) ? (found as SolutionRecord[]) : [];
  if (!solutions.some((one) => one.name === name || one.managementSolutionName === name))
    throw new PsaError({ outcome: 'definitive', reason: 'solution_unknown' });
}
