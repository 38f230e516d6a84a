import { PsaError } from '../psa-error.js';
import type {
  Choice,
  CompanyLink,
  Contract,
  Diagnosis,
  Finding,
  Lookup,
  LookupOf,
  SettingProblem,
  SettingsCheck,
  SetupPort,
} from '../setup-port.js';
import { chosen, problemOf, withIds } from '../setup-rules.js';
import { psaId, type TicketingOptions, type TicketPortOptions } from '../ticket-port.js';
import { closingStatus, openStatus } from './board-status.js';
import { ConnectWiseClient } from './connectwise.client.js';
import { connectWiseDiagnosis } from './connectwise.diagnosis.js';
import { everyRow, rowsOfIds } from './connectwise.lists.js';
import { possibleBoards } from './default-board.js';
import { linkedEntries, SUMMARY_REPORTS } from './managed-ids.js';
import { judgeStatuses } from './status-judgement.js';
import type { AgreementRecord, CatalogRecord, CompanyRecord, NamedRecord, StatusRecord, SummaryRecord } from './connectwise.types.js'; // prettier-ignore

const AT_ONCE = 4;

export function createConnectWiseSetup(options: TicketPortOptions): SetupPort {
  return new ConnectWiseSetup(options);
}

/** What a partner of ConnectWise Manage chooses from. */
export class ConnectWiseSetup implements SetupPort {
  readonly lookups = ['boards', 'statuses', 'priorities', 'services', 'companies', 'contracts'] as const;
  readonly client: ConnectWiseClient;

  constructor(readonly options: TicketPortOptions) {
    this.client = new ConnectWiseClient(options);
  }

  async list(what: Lookup, of: LookupOf, signal: AbortSignal): Promise<Choice[]> {
    switch (what) {
      case 'boards':
        return (await this.rows<NamedRecord>('/service/boards', null, signal)).map(choiceOf);
      case 'statuses':
        return this.statuses(of.boardId, signal);
      case 'priorities':
        return (await this.rows<NamedRecord>('/service/priorities', null, signal)).map(choiceOf);
      case 'services':
        return (await this.rows<CatalogRecord>('/procurement/catalog', null, signal)).map(
          ({ identifier, ...row }) => choiceOf({ ...row, name: row.description ?? identifier ?? '' }),
        );
      case 'companies':
        // Without the condition, deleted companies come back too.
        return (await this.rows<CompanyRecord>('/company/companies', 'deletedFlag = False', signal)).map(
          companyOf,
        );
      case 'contracts': {
        const condition = `company/id = ${Number(of.companyId ?? 0)}`;
        return (await this.rows<AgreementRecord>('/finance/agreements', condition, signal)).map(contractOf);
      }
      case 'queues':
        throw new PsaError({ outcome: 'definitive', reason: 'rejected' });
    }
  }

  async companies(ids: readonly string[], signal: AbortSignal): Promise<Choice[]> {
    return (await rowsOfIds<CompanyRecord>(this.client, '/company/companies', ids, signal)).map(companyOf);
  }

  async contracts(ids: readonly string[], signal: AbortSignal): Promise<Contract[]> {
    return (await rowsOfIds<AgreementRecord>(this.client, '/finance/agreements', ids, signal)).map(
      contractOf,
    );
  }

  async checkSettings(ticketing: TicketingOptions, signal: AbortSignal): Promise<SettingsCheck> {
    const { boardId, priorityId } = ticketing;
    const boards = await this.list('boards', {}, signal);
    const board = chosen(boards, boardId, () => false);
    const priorities = await this.list('priorities', {}, signal);
    const priority = chosen(priorities, priorityId, () => false);
    const problems = [
      ...problemOf('boardId', boardId, board, null),
      ...problemOf('priorityId', priorityId, priority, null),
    ];
    if (boardId === undefined) problems.push(...(await this.problemsWithoutBoard(boards, ticketing, signal)));
    if (board === undefined) return { problems, resolved: ticketing };
    const judged = judgeStatuses(await this.statuses(boardId, signal), ticketing);
    problems.push(...judged.problems);
    const { opening, closing } = judged;
    return { problems, resolved: withIds(ticketing, { newStatusId: opening, completeStatusId: closing }) };
  }

  /** The board of tickets for which none is chosen; null where it is not known. */
  async defaultBoard(signal: AbortSignal): Promise<Choice | null> {
    const possible = await possibleBoards(this.client, await this.list('boards', {}, signal), signal);
    return possible.length === 1 ? (possible[0] ?? null) : null;
  }

  /** Of several boards that may be the one, that counts which suits best: nothing is refused that may work. */
  private async problemsWithoutBoard(
    boards: readonly Choice[],
    ticketing: TicketingOptions,
    signal: AbortSignal,
  ): Promise<SettingProblem[]> {
    let best: SettingProblem[] | null = null;
    for (const { id, name } of await possibleBoards(this.client, boards, signal)) {
      const { problems } = judgeStatuses(await this.statuses(Number(id), signal), ticketing);
      if (problems.length === 0) return [];
      if (best === null || problems.length < best.length)
        best = problems.map((problem) => ({ ...problem, detail: `${problem.detail}, on the board "${name}", as none is chosen` })); // prettier-ignore
    }
    return best ?? [];
  }

  /** A request for each company, a few at once. */
  async linkFindings(links: readonly CompanyLink[], signal: AbortSignal): Promise<Finding[]> {
    const findings: Finding[] = [];
    for (let from = 0; from < links.length; from += AT_ONCE) {
      const some = links.slice(from, from + AT_ONCE).map((link) => this.linkFindingsOf(link, signal));
      findings.push(...(await Promise.all(some)).flat());
    }
    return findings;
  }

  private async linkFindingsOf({ custId, companyId }: CompanyLink, signal: AbortSignal): Promise<Finding[]> {
    const path = `/company/companies/${psaId(companyId)}/${SUMMARY_REPORTS}`;
    const solution = this.options.endpoint['solutionName'] ?? '';
    try {
      return linkedEntries(custId, solution, await this.rows<SummaryRecord>(path, null, signal)).findings;
    } catch (error) {
      // A company that is gone is found by who looks at the map.
      if (error instanceof PsaError && error.reason === 'not_found') return [];
      throw error;
    }
  }

  diagnose(ticketing: TicketingOptions): Diagnosis[] {
    return connectWiseDiagnosis(this, ticketing);
  }

  rows<T extends { id: number }>(path: string, conditions: string | null, signal: AbortSignal): Promise<T[]> {
    return everyRow<T>(this.client, path, conditions, signal);
  }

  private async statuses(boardId: number | undefined, signal: AbortSignal): Promise<Choice[]> {
    const path = `/service/boards/${boardId ?? 0}/statuses`;
    const rows = await this.rows<StatusRecord>(path, null, signal);
    const [opening, closing] = [openStatus(rows, undefined), closingStatus(rows, undefined)];
    return rows.map((row) => ({
      ...choiceOf(row),
      isDefault: row.id === opening?.id || row.id === closing?.id,
      isClosing: row.closedStatus === true,
    }));
  }
}

function choiceOf({ id, name, defaultFlag, inactiveFlag, inactive }: NamedRecord): Choice {
  const isActive = inactiveFlag !== true && inactive !== true;
  return { id: String(id), name: name ?? '', isDefault: defaultFlag === true, isActive };
}

/** A company that left is "deleted"; one that is merely inactive has a status of that name. */
function companyOf({ id, name, deletedFlag, status }: CompanyRecord): Choice {
  const isActive = deletedFlag !== true && !/inactive/i.test(status?.name ?? '');
  return { id: String(id), name: name ?? '', isDefault: false, isActive };
}

function contractOf({ id, name, company, agreementStatus, cancelledFlag }: AgreementRecord): Contract {
  const isActive = (agreementStatus ?? 'Active') === 'Active' && cancelledFlag !== true;
  return {
    id: String(id),
    name: name ?? '',
    isDefault: false,
    isActive,
    companyId: String(company?.id ?? 0),
  };
}
