import { fieldError, invalidObject, missingField, tooLong } from './connectwise.answers.js';
import { AGREEMENTS, SOLUTIONS, type ReportRow } from './connectwise.data.js';
import { isBlank, referenced, shown, type Fields } from './connectwise.references.js';

export const ENTITY = 'companyManagementSummary';
const DEVICE_TYPES = ['WorkstationsAndServers', 'BackupStats', 'Servers', 'Workstations'];
const MAX_MANAGED_ID = 100;
const INT32 = 2 ** 31;

const COUNTS = [
  'successfulBackupJobs', 'failedBackupJobs', 'snmpMachines', 'totalWorkstations', 'totalServers', 'totalWindowsServers',
  'totalWindowsWorkstations', 'totalManagedMachines', 'serversOffline', 'serversDiskSpaceLow', 'totalNotifications',
  'serverAvailability', 'virusesRemoved', 'spywareItemsRemoved', 'windowsPatchesInstalled', 'diskCleanups',
  'diskDefragmentations', 'fullyPatchedMachines', 'missingOneTwoPatchesMachines', 'missingThreeFivePatchesMachines',
  'missingMoreFivePatchesMachines', 'missingUnscannedPatchesMachines', 'diskSpaceCleanedMb',
]; // prettier-ignore
const SHARES = ['internetConnectivity', 'cpuUtilization', 'memoryUtilization'];
const TEXTS = ['alertsGenerated', 'missingSecurityPatches'];

/** What a PATCH may name. The vendor writes the others itself. */
export const REPORT_PATHS = {
  entity: ENTITY,
  settable: ['groupIdentifier', 'deviceType', 'managementSolution', 'agreement', ...COUNTS, ...SHARES, ...TEXTS],
  ignored: [],
}; // prettier-ignore

/** The row with some fields set. @throws Refusal with every error that the vendor would list */
export function changedRow(row: ReportRow, fields: Fields): ReportRow {
  const { groupIdentifier, deviceType }: Fields = { ...row, ...fields };
  const errors = [
    ...(isBlank(groupIdentifier) ? [missingField(ENTITY, 'groupIdentifier')] : []),
    ...wrongType(fields, ['groupIdentifier', ...TEXTS], 'a string', (value) => typeof value === 'string'),
    ...wrongType(fields, COUNTS, 'a 32-bit integer', isInt32),
    ...wrongType(fields, SHARES, 'a number', (value) => typeof value === 'number'),
    ...(typeof groupIdentifier === 'string' && groupIdentifier.length > MAX_MANAGED_ID
      ? [tooLong(ENTITY, 'groupIdentifier', MAX_MANAGED_ID)]
      : []),
    ...(deviceType !== null && !DEVICE_TYPES.some((type) => type === deviceType)
      ? [fieldError('InvalidField', `deviceType is not one of ${DEVICE_TYPES.join(', ')}`, ENTITY, 'deviceType')]
      : []),
  ];
  if (errors.length > 0) throw invalidObject(ENTITY, errors);
  return { ...row, ...(fieldsOf(row, fields) as Partial<ReportRow>) };
} // prettier-ignore

/** What the fields come to; one that is not there stays as it is. */
function fieldsOf(row: ReportRow, fields: Fields): Fields {
  const plain = ['groupIdentifier', 'deviceType', 'successfulBackupJobs', 'failedBackupJobs'];
  const others = [...COUNTS, ...SHARES, ...TEXTS].filter((name) => !plain.includes(name));
  const of = (names: string[]): Fields =>
    Object.fromEntries(Object.entries(fields).filter(([name]) => names.includes(name)));
  return {
    ...of(plain),
    ...('managementSolution' in fields ? { managementSolution: solutionOf(fields['managementSolution']) } : {}),
    ...('agreement' in fields ? { agreement: agreementOf(fields['agreement'], row.companyId) } : {}),
    figures: { ...row.figures, ...of(others) },
  };
} // prettier-ignore

function solutionOf(reference: unknown): ReportRow['managementSolution'] {
  const found = referenced(reference, SOLUTIONS, 'managementSolution', ENTITY);
  return found && { id: found.id, name: found.managementSolutionName, setupName: found.name };
}

function agreementOf(reference: unknown, companyId: number): ReportRow['agreement'] {
  const own = AGREEMENTS.filter(({ company }) => company.id === companyId);
  return shown(referenced(reference, own, 'agreement', ENTITY)) as ReportRow['agreement'];
}

function wrongType(fields: Fields, names: string[], what: string, fits: (value: unknown) => boolean) {
  return names
    .filter((name) => fields[name] !== undefined && fields[name] !== null && !fits(fields[name]))
    .map((name) => fieldError('InvalidField', `The value of ${name} is not ${what}.`, ENTITY, name));
}

function isInt32(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= -INT32 && value < INT32;
}
