import { PsaError } from '../psa-error.js';
import type { Diagnosis, Finding } from '../setup-port.js';
import type { TicketingOptions } from '../ticket-port.js';
import { openStatus } from './board-status.js';
import { ADD_ON_MISSING, needSolution, readVersion } from './connectwise.checks.js';
import type { ConnectWiseSetup } from './connectwise.setup.js';
import type { ManagedDevicesRecord, NamedRecord, StatusRecord } from './connectwise.types.js';

const error = (reason: string, message: string): Finding => ({ level: 'error', reason, message });
const warning = (reason: string, message: string): Finding => ({ level: 'warning', reason, message });

/** The steps of the setup guide that the PSA itself can be asked about. */
export function connectWiseDiagnosis(setup: ConnectWiseSetup, ticketing: TicketingOptions): Diagnosis[] {
  const { client, options } = setup;
  const { boardId } = ticketing;
  const solution = options.endpoint['solutionName'] ?? '';
  const one = { pageSize: 1 };
  const read =
    (path: string) =>
    async (signal: AbortSignal): Promise<Finding[]> => {
      await client.get(path, one, signal);
      return [];
    };
  const settings = async (fields: readonly string[], signal: AbortSignal): Promise<Finding[]> => {
    const { problems } = await setup.checkSettings(ticketing, signal);
    return problems
      .filter(({ field }) => fields.includes(field))
      .map(({ rule, detail }) => error(rule, detail));
  };
  const step = (
    name: string,
    guideStep: string | null,
    run: Diagnosis['run'],
    isGate = false,
  ): Diagnosis => ({
    name,
    guideStep,
    isGate,
    run,
  });
  return [
    step('reach', '6', async (signal) => (await client.findCompany(signal), []), true),
    step('login', '3', async (signal) => (await readVersion(client, signal), []), true),
    step('boards', '3', read('/service/boards')),
    step('companies', '1', read('/company/companies')),
    step('tickets', '3', read('/service/tickets')),
    step('board', '2', async (signal) => [
      ...(await settings(['boardId'], signal)),
      ...(await boardFindings(setup, boardId, signal)),
    ]),
    step('statuses', '2', (signal) => settings(['newStatusId', 'completeStatusId'], signal)),
    step('priority', '7', (signal) => settings(['priorityId'], signal)),
    step('solution', '4', async (signal) => {
      try {
        await needSolution(client, solution, signal);
        return [];
      } catch (thrown) {
        return addOnFindings(thrown);
      }
    }),
    step('managedDevices', '5', async (signal) => {
      try {
        return managedDevicesFindings(
          await setup.rows('/company/managedDevicesIntegrations', null, signal),
          solution,
        );
      } catch (thrown) {
        return addOnFindings(thrown);
      }
    }),
  ];
}

/** @throws what is none of that */
function addOnFindings(thrown: unknown): Finding[] {
  if (!(thrown instanceof PsaError)) throw thrown;
  if (thrown.reason === 'not_found') return [ADD_ON_MISSING];
  if (thrown.reason === 'solution_unknown')
    return [warning('solution_unknown', 'The Management Solution Name was not found. It must equal the name of the Custom Solution under Management IT.')]; // prettier-ignore
  throw thrown;
}

/** One status of the board is the default, and one team (E14): a ticket cannot be created without. */
async function boardFindings(
  setup: ConnectWiseSetup,
  chosenId: number | undefined,
  signal: AbortSignal,
): Promise<Finding[]> {
  const boardId = chosenId ?? (await setup.defaultBoard(signal))?.id;
  if (boardId === undefined) return [];
  const findings: Finding[] = [];
  try {
    const statuses = await setup.rows<StatusRecord>(`/service/boards/${boardId}/statuses`, null, signal);
    const isDefault = statuses.filter((status) => status.defaultFlag === true && status.inactive !== true);
    if (isDefault.length !== 1 || openStatus(isDefault, undefined) === null)
      findings.push(error('no_default_status', 'The board needs exactly one open status that is marked Default. Mark that of new tickets under Setup Tables > Service Board > Statuses.')); // prettier-ignore
    const teams = await setup.rows<NamedRecord>(`/service/boards/${boardId}/teams`, null, signal);
    if (!teams.some(({ defaultFlag }) => defaultFlag === true))
      findings.push(error('no_default_team', 'The board has no team that is marked Default. Mark one under Setup Tables > Service Board > Teams.')); // prettier-ignore
  } catch (thrown) {
    // That the board is not there is found by the settings.
    if (!(thrown instanceof PsaError) || thrown.reason !== 'not_found') throw thrown;
  }
  return findings;
}

/** E17: what the integration of the solution should say, and what it says. */
function managedDevicesFindings(rows: ManagedDevicesRecord[], solution: string): Finding[] {
  const own = rows.find((row) => row.solution === solution || row.name === solution);
  if (!own)
    return [warning('integration_missing', `There is no Managed Devices Integration for "${solution}". Billing and statistics need one.`)]; // prettier-ignore
  const wrong: [boolean, string][] = [
    [own.loginBy !== 'Member', 'Login By must be Member'],
    [own.disableNewCrossReferencesFlag !== true, 'Disable Newly discovered Cross References must be ticked'],
    [own.defaultBillingLevel !== 'Detail', 'Billing Level must be Detail'],
    [own.matchOnSerialNumberFlag !== true, 'Match on Serial Number must be ticked'],
  ];
  return wrong
    .filter(([isWrong]) => isWrong)
    .map(([, text]) => warning('integration_differs', `Managed Devices Integration: ${text}.`));
}
