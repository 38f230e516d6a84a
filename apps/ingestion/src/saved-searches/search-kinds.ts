import { SEARCH_FIELDS } from '../events/search.types.js';

/** What a saved search looks for; the names stand in addresses and scripts of partners (C24). */
export const SEARCH_KINDS = [
  'search-customers-ahsay', 'search-customers-asigra', 'search-backupsets', 'search-backupjobs', 'search-shadowprotect-volumes',
  'search-servers',
] as const; // prettier-ignore
export type SearchKind = (typeof SEARCH_KINDS)[number];
/** Kinds of which each row is something that is there; the other one looks through what happened. */
export type RowKind = Exclude<SearchKind, 'search-backupjobs'>;

export type FieldType = 'text' | 'number' | 'time';

/** What can be asked for in a condition, and what a result shows, in the order of a view that names no columns. */
export interface KindFields {
  fields: Readonly<Record<string, FieldType>>;
  columns: readonly string[];
}

const OF_ACCOUNT = { accountNo: 'number', custId: 'number', brandId: 'text', customerName: 'text' } as const;
const OF_RESULT = { status: 'text', severity: 'text', storedBytes: 'number' } as const;

const CUSTOMERS: KindFields = {
  fields: { ...OF_ACCOUNT, username: 'text', hostName: 'text', ...OF_RESULT, jobs: 'number', lastRunAt: 'time' },
  columns: [
    'accountNo', 'custId', 'customerName', 'username', 'hostName', 'jobs', 'storedBytes', 'status', 'severity', 'lastRunAt',
  ],
}; // prettier-ignore

export const KINDS: Readonly<Record<SearchKind, KindFields>> = {
  'search-customers-ahsay': CUSTOMERS,
  'search-customers-asigra': CUSTOMERS,
  'search-backupsets': {
    fields: {
      ...OF_ACCOUNT, username: 'text', jobId: 'text', agent: 'text', hostName: 'text', jobName: 'text', ...OF_RESULT,
      schedule: 'text', lastRunAt: 'time', runningSince: 'time',
    },
    columns: [
      'accountNo', 'custId', 'customerName', 'username', 'jobId', 'agent', 'hostName', 'jobName', 'status', 'severity',
      'lastRunAt', 'runningSince', 'expectedAt', 'schedule', 'storedBytes',
    ],
  },
  'search-backupjobs': {
    fields: Object.fromEntries(
      SEARCH_FIELDS.map((name) => [
        name,
        name === 'receivedAt' ? 'time' : name === 'accountNo' || name === 'custId' ? 'number' : 'text',
      ]),
    ),
    columns: [
      'eventId', 'receivedAt', 'accountNo', 'custId', 'agent', 'hostName', 'job', 'status', 'severity', 'type', 'startedAt',
      'endedAt', 'uploadedBytes', 'warnings', 'errors', 'message', 'notificationProcessedErrors',
    ],
  },
  'search-shadowprotect-volumes': {
    fields: {
      ...OF_ACCOUNT, hostName: 'text', volume: 'text', volumeId: 'text', ...OF_RESULT, schedule: 'text', lastImageAt: 'time',
    },
    columns: [
      'hostName', 'volume', 'volumeId', 'accountNo', 'custId', 'customerName', 'storedBytes', 'lastImageAt', 'status', 'severity',
      'schedule',
    ],
  },
  'search-servers': {
    fields: {
      ...OF_ACCOUNT, hostName: 'text', agents: 'text', jobs: 'number', ...OF_RESULT, lastContactAt: 'time',
    },
    columns: [
      'hostName', 'accountNo', 'custId', 'customerName', 'agents', 'jobs', 'storedBytes', 'status', 'severity', 'lastContactAt',
    ],
  },
}; // prettier-ignore

const all = (of: (kind: KindFields) => readonly string[]): string[] =>
  [...new Set(Object.values(KINDS).flatMap(of))].sort();

export const ALL_FIELDS = all(({ fields }) => Object.keys(fields));
export const ALL_COLUMNS = all(({ columns }) => columns);
