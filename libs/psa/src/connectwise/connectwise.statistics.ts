import { unsent } from '../calls/unsent.js';
import { PsaError } from '../psa-error.js';
import type { CompanyLink } from '../setup-port.js';
import type { BackupStatistics, PushResult, StatisticsPort } from '../statistics-port.js';
import { psaId, type TicketPortOptions } from '../ticket-port.js';
import { ADD_ON_MISSING, needSolution } from './connectwise.checks.js';
import { ConnectWiseClient } from './connectwise.client.js';
import { everyRow } from './connectwise.lists.js';
import type { CompanyRecord, PatchOperation, SummaryRecord } from './connectwise.types.js';
import { linkedEntries, SUMMARY_REPORTS } from './managed-ids.js';

/** The vendor's counts are int32. */
const MOST = 2 ** 31 - 1;

export function createConnectWiseStatistics(options: TicketPortOptions): StatisticsPort {
  return new ConnectWiseStatistics(options);
}

/** Figures of a company's Management report. The partner makes its entries (E43, E45): none is ever made here. */
class ConnectWiseStatistics implements StatisticsPort {
  private readonly client: ConnectWiseClient;
  private readonly solution: string;

  constructor(options: TicketPortOptions) {
    this.client = new ConnectWiseClient(options);
    this.solution = options.endpoint['solutionName'] ?? '';
  }

  async push(link: CompanyLink, figures: BackupStatistics, signal: AbortSignal): Promise<PushResult> {
    const companyId = psaId(link.companyId);
    if (![figures.successfulBackupJobs, figures.failedBackupJobs].every(isCount))
      throw new PsaError({ outcome: 'definitive', reason: 'rejected' });
    if (!(await unsent(() => this.hasAddOn(signal)))) return { state: 'refused', findings: [ADD_ON_MISSING] };
    await unsent(() => this.needCompany(companyId, signal));
    // All entries: one that is spelled wrongly carries no managed id by which it could be asked for.
    const path = `/company/companies/${companyId}/${SUMMARY_REPORTS}`;
    const rows = await unsent(() => everyRow<SummaryRecord>(this.client, path, null, signal));
    const { findings, statistics } = linkedEntries(link.custId, this.solution, rows);
    if (findings.length > 0 || statistics === undefined) return { state: 'refused', findings };
    const reportId = psaId(String(statistics.id));
    await this.write(`${path}/${reportId}`, statistics.id, figures, signal);
    return { state: 'pushed', reportId, before: figuresOf(statistics) };
  }

  /** @throws PsaError `solution_unknown` (B20) */
  private async hasAddOn(signal: AbortSignal): Promise<boolean> {
    try {
      await needSolution(this.client, this.solution, signal);
      return true;
    } catch (error) {
      if (error instanceof PsaError && error.reason === 'not_found') return false;
      throw error;
    }
  }

  /** A deleted company still answers, with its entries. @throws PsaError `not_found` */
  private async needCompany(companyId: string, signal: AbortSignal): Promise<void> {
    const company = await this.client.get(`/company/companies/${companyId}`, {}, signal);
    if ((company as CompanyRecord | null)?.deletedFlag === true)
      throw new PsaError({ outcome: 'definitive', reason: 'not_found' });
  }

  private async write(
    path: string,
    id: number,
    figures: BackupStatistics,
    signal: AbortSignal,
  ): Promise<void> {
    const { successfulBackupJobs, failedBackupJobs } = figures;
    const change: PatchOperation[] = [
      { op: 'replace', path: 'successfulBackupJobs', value: successfulBackupJobs },
      { op: 'replace', path: 'failedBackupJobs', value: failedBackupJobs },
    ];
    const changed = (await this.client.patch(path, change, signal)) as SummaryRecord | null;
    if (changed?.id !== id) throw new PsaError({ outcome: 'unknown', reason: 'no_id' });
    // A 200 may have changed nothing: only the returned record counts.
    if (
      changed.successfulBackupJobs !== successfulBackupJobs ||
      changed.failedBackupJobs !== failedBackupJobs
    )
      throw new PsaError({ outcome: 'definitive', reason: 'change_ignored' });
  }
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= MOST;
}

/** Nulls are left out of answers: an entry into which nothing was written yet counts none. */
function figuresOf({ successfulBackupJobs, failedBackupJobs }: SummaryRecord): BackupStatistics {
  return { successfulBackupJobs: successfulBackupJobs ?? 0, failedBackupJobs: failedBackupJobs ?? 0 };
}
