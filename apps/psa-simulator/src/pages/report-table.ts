import type { ReportRow } from '../connectwise/connectwise.data.js';
import type { Markup, Shown } from './html.js';
import { table, time } from './layout.js';

/** As the PSA's own screens word them. */
const DEVICE_TYPES: Record<string, string> = {
  WorkstationsAndServers: 'Workstations and Servers',
  BackupStats: 'Backup Stats',
};
const HEADS = [
  'Solution',
  'Managed ID',
  'Device type',
  'Agreement',
  'Successful',
  'Failed',
  'Last updated',
  'Record',
];

/** Entries of the Management report. @param before a column in front */
export function reportTable(
  rows: ReportRow[],
  empty: string,
  before: { head: string; cell: (row: ReportRow) => Shown } | null = null,
): Markup {
  const cells = rows.map((row) => [...(before === null ? [] : [before.cell(row)]), ...cellsOf(row)]);
  return table('Management report', before === null ? HEADS : [before.head, ...HEADS], cells, empty);
}

function cellsOf(row: ReportRow): Shown[] {
  return [
    row.managementSolution?.name,
    row.groupIdentifier,
    DEVICE_TYPES[row.deviceType ?? ''] ?? row.deviceType,
    row.agreement?.name,
    row.successfulBackupJobs,
    row.failedBackupJobs,
    row.updatedAt === undefined ? null : time(row.updatedAt),
    row.id,
  ];
}
