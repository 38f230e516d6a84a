/** The demo company's set-up. Statuses belong to boards: the same name has another id on each. */
export interface BoardStatus {
  id: number;
  name: string;
  boardId: number;
  sortOrder: number;
  closedStatus: boolean;
  defaultFlag: boolean;
  inactive: boolean;
}

export const COMPANY_ID = 'demo';
export const PUBLIC_KEY = 'demoPublicKey';
export const PRIVATE_KEY = 'demoPrivateKey';

export const BOARDS = [
  { id: 12, name: 'Managed Services Alerts', inactiveFlag: false },
  { id: 14, name: 'Help Desk', inactiveFlag: false },
];
export const DEFAULT_BOARD = 12;

const status = (
  id: number,
  boardId: number,
  name: string,
  flags: Partial<BoardStatus> = {},
): BoardStatus => ({
  id,
  name,
  boardId,
  sortOrder: id % 100,
  closedStatus: false,
  defaultFlag: false,
  inactive: false,
  ...flags,
});

export const STATUSES = [
  status(101, 12, 'New', { defaultFlag: true }),
  status(102, 12, 'In Progress'),
  status(103, 12, 'Waiting'),
  status(104, 12, '>Closed', { closedStatus: true }),
  status(105, 12, 'Old closed', { closedStatus: true, inactive: true }),
  status(201, 14, 'New', { defaultFlag: true }),
  status(202, 14, 'Assigned'),
  status(203, 14, 'Completed', { closedStatus: true }),
  status(204, 14, '>Closed', { closedStatus: true }),
];

export const PRIORITIES = [
  { id: 6, name: 'Priority 1 - Critical', color: 'red', sortOrder: 1, defaultFlag: false },
  { id: 7, name: 'Priority 2 - High', color: 'orange', sortOrder: 2, defaultFlag: false },
  { id: 8, name: 'Priority 3 - Medium', color: 'yellow', sortOrder: 3, defaultFlag: true },
  { id: 9, name: 'Priority 4 - Low', color: 'white', sortOrder: 4, defaultFlag: false },
];
export const DEFAULT_PRIORITY = 8;

/** Custom Solutions (E15). */
export const SOLUTIONS = ['Backhaul', 'Axcient'].map((name, index) => ({
  id: index + 1,
  name,
  managementItSolutionType: 'Custom',
  managementSolutionName: name,
}));

/** An entry of a company's Management tab, and what the report prints of it. */
export interface ReportRow {
  id: number;
  companyId: number;
  /** The managed id. */
  groupIdentifier: string;
  deviceType: string | null;
  managementSolution: { id: number; name: string; setupName: string } | null;
  agreement?: { id: number; name: string } | null;
  successfulBackupJobs?: number | null;
  failedBackupJobs?: number | null;
  /** ISO 8601 UTC, whole seconds; absent while nobody wrote into it. */
  updatedAt?: string;
  updatedBy?: string;
  /** Other figures, as they were sent. */
  figures?: Record<string, unknown>;
}

const summary = (id: number, companyId: number, custId: number, deviceType: string): ReportRow => ({
  id,
  companyId,
  groupIdentifier: `EFS-${custId}`,
  deviceType,
  managementSolution: { id: 1, name: 'Backhaul', setupName: 'Backhaul' },
});

/** The two entries of a linked company, in their order (E43). */
export const SUMMARIES: ReportRow[] = [
  summary(61, 250, 34826, 'WorkstationsAndServers'),
  summary(62, 250, 34826, 'BackupStats'),
];

/** As the setup guide wants them (E17). */
export const MANAGED_DEVICES = [
  {
    id: 1,
    name: 'Backhaul',
    solution: 'Backhaul',
    loginBy: 'Member',
    defaultBillingLevel: 'Detail',
    matchOnSerialNumberFlag: true,
    disableNewCrossReferencesFlag: true,
  },
];

export const TEAMS = [
  { id: 31, name: 'Monitoring', boardId: 12, defaultFlag: true },
  { id: 32, name: 'Help Desk', boardId: 14, defaultFlag: true },
];

const type = (id: number, boardId: number, name: string) => ({ id, name, boardId, inactive: false });
export const TYPES = [type(41, 12, 'Backup'), type(42, 12, 'Hardware'), type(43, 14, 'Request')];

export const SOURCES = [
  { id: 1, name: 'Call', defaultFlag: true },
  { id: 2, name: 'Email Connector', defaultFlag: false },
  { id: 3, name: 'Monitoring', defaultFlag: false },
];

const company = (id: number, identifier: string, name: string, deletedFlag = false) => ({
  id,
  identifier,
  name,
  deletedFlag,
});
/** So many that one page does not hold them. */
const MANY = Array.from({ length: 300 }, (_, index) => 2001 + index);

export const COMPANIES = [
  company(250, 'ACME', 'ACME Corp'),
  company(251, 'Globex', 'Globex'),
  company(252, 'Initech', 'Initech (left)', true),
  ...MANY.map((id) => company(id, `C${id}`, `Customer ${id}`)),
];

const agreement = (id: number, companyId: number, name: string, agreementStatus = 'Active') => ({
  id,
  name,
  company: { id: companyId },
  type: { id: 1, name: 'Managed Services' },
  agreementStatus,
  cancelledFlag: agreementStatus === 'Cancelled',
});

export const AGREEMENTS = [
  agreement(81, 250, 'Backup'),
  agreement(82, 250, 'Backup 2019', 'Cancelled'),
  agreement(83, 251, 'Backup and More'),
  ...MANY.map((id) => agreement(id + 10_000, id, `Backup of Customer ${id}`)),
];

const product = (id: number, identifier: string, description: string, inactiveFlag = false) => ({
  id,
  identifier,
  description,
  inactiveFlag,
  productClass: 'Service',
});

export const CATALOG = [
  product(501, 'BOB-GB', 'Basic Online Backup, $1.50/GB'),
  product(502, 'BOB-SRV', 'Online Backup, server'),
  product(503, 'OLD', 'Tape rotation', true),
];
