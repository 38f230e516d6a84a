import type { CompanyLink, Finding } from './setup-port.js';

/** Runs within the period, absolute. */
export interface BackupStatistics {
  successfulBackupJobs: number;
  failedBackupJobs: number;
}

export type PushResult =
  { state: 'pushed'; reportId: string; before: BackupStatistics } | { state: 'refused'; findings: Finding[] };

export interface StatisticsPort {
  /**
   * Writes the figures of one customer into the report of its company. A push repeated leaves the same figures.
   * @throws PsaError
   */
  push(link: CompanyLink, figures: BackupStatistics, signal: AbortSignal): Promise<PushResult>;
}
