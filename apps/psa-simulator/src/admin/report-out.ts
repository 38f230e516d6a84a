import { COMPANIES, type ReportRow } from '../connectwise/connectwise.data.js';

/** What the operator sees of an entry of the Management report. */
export function reportOut(row: ReportRow) {
  return {
    id: String(row.id),
    companyId: String(row.companyId),
    companyName: COMPANIES.find(({ id }) => id === row.companyId)?.name ?? null,
    solution: row.managementSolution?.name ?? null,
    managedId: row.groupIdentifier,
    deviceType: row.deviceType,
    agreement: row.agreement?.name ?? null,
    successfulBackupJobs: row.successfulBackupJobs ?? null,
    failedBackupJobs: row.failedBackupJobs ?? null,
    updatedAt: row.updatedAt ?? null,
    updatedBy: row.updatedBy ?? null,
  };
}
