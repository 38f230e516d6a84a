import type { Finding } from '../setup-port.js';
import type { SummaryRecord } from './connectwise.types.js';

/** A customer's id as ConnectWise holds it (E42). */
export const managedIdOf = (custId: number): string => `EFS-${custId}`;

/** The two entries of a company, in the order in which they have to be made (E43). */
const DEVICE_TYPES = [
  ['WorkstationsAndServers', 'Workstations and Servers'],
  ['BackupStats', 'Backup Stats'],
] as const;
/** Where a company has them, behind its address. */
export const SUMMARY_REPORTS = 'managementSummaryReports';
const WHERE = 'Entries are added under Managed Devices Integration > Companies, not from the Company screen.';

const warning = (reason: string, message: string): Finding => ({ level: 'warning', reason, message });

export interface LinkedEntries {
  /** Why these entries must not be written into; none where all is well. */
  findings: Finding[];
  /** The one of device type Backup Stats. */
  statistics: SummaryRecord | undefined;
}

/** Judges the entries of a company; those of another management solution are another product's (B20). */
export function linkedEntries(
  custId: number,
  solution: string,
  rows: readonly SummaryRecord[],
): LinkedEntries {
  const own = rows.filter(
    ({ managementSolution: of }) => of?.name === solution || of?.setupName === solution,
  );
  return {
    findings: managedIdFindings(custId, own),
    statistics: own.find(
      ({ groupIdentifier, deviceType }) =>
        groupIdentifier === managedIdOf(custId) && deviceType === 'BackupStats',
    ),
  };
}

/** What keeps statistics and bills of a customer from its company: the entries that carry its managed id (E42-E45, E47). */
export function managedIdFindings(custId: number, rows: readonly SummaryRecord[]): Finding[] {
  const id = managedIdOf(custId);
  const own = rows.filter(({ groupIdentifier }) => groupIdentifier === id).toSorted((a, b) => a.id - b.id);
  const spelled = rows.find((row) => row.groupIdentifier !== id && looksLike(row.groupIdentifier, custId));
  if (own.length === 0) {
    if (spelled)
      return [warning('managed_id_spelled', `The managed id must be ${id} exactly; the company has "${shown(spelled)}".`)]; // prettier-ignore
    return [warning('not_linked', `No entry has the managed id ${id}. ${WHERE}`)];
  }
  const firstOf = (type: string): SummaryRecord | undefined =>
    own.find(({ deviceType }) => deviceType === type);
  const missing = DEVICE_TYPES.filter(([type]) => !firstOf(type));
  const [servers, statistics] = DEVICE_TYPES.map(([type]) => firstOf(type));
  const isTurned = servers !== undefined && statistics !== undefined && statistics.id < servers.id;
  return [
    ...missing.map(([, name]) =>
      warning('entry_missing', `${id}: the entry of device type ${name} is missing. ${WHERE}`),
    ),
    ...(own.filter(({ deviceType }) => deviceType === 'BackupStats').length > 1
      ? [warning('entry_repeated', `${id}: there are several entries of device type Backup Stats. Remove all but the one behind Workstations and Servers.`)]
      : []),
    ...(isTurned
      ? [warning('order', `${id}: Workstations and Servers has to be made before Backup Stats. Remove both and make them again.`)]
      : []),
    ...(own.some(({ agreement }) => agreement !== undefined && agreement !== null)
      ? [warning('agreement_not_blank', `${id}: the agreement of its entries must be blank.`)]
      : []),
  ]; // prettier-ignore
}

/** The id of that customer in another spelling: `efs-34826`, `EFS34826`, `EFS-034826`. */
function looksLike(text: string | undefined, custId: number): boolean {
  return Number(/^\s*efs\s*[-_]?\s*0*(\d{1,15})\s*$/i.exec(text ?? '')?.[1] ?? Number.NaN) === custId;
}

const shown = ({ groupIdentifier }: SummaryRecord): string => (groupIdentifier ?? '').slice(0, 40);
