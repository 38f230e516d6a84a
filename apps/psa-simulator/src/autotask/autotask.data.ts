export const USERNAME = 'api@demo.example';
export const SECRET = 'demoSecret';
export const TRACKING_IDENTIFIER = 'DEMOTRACKINGIDENTIFIER00001';

export interface PicklistValue {
  /** A string, although the field is an integer. */
  value: string;
  label: string;
  isActive: boolean;
  isDefaultValue: boolean;
  isSystem: boolean;
  sortOrder: number;
  parentValue: string;
}

export interface EntityField {
  name: string;
  dataType: 'integer' | 'long' | 'string' | 'datetime' | 'boolean';
  length: number;
  isRequired: boolean;
  isReadOnly: boolean;
  isQueryable: boolean;
  isReference: boolean;
  referenceEntityType: string;
  isPickList: boolean;
  picklistValues: PicklistValue[] | null;
  picklistParentValueField: string;
  isSupportedWebhookField: boolean;
}

const choice = (value: number, label: string, flags: Partial<PicklistValue> = {}): PicklistValue => ({
  value: String(value),
  label,
  isActive: true,
  isDefaultValue: false,
  isSystem: false,
  sortOrder: value % 1000,
  parentValue: '',
  ...flags,
});

const field = (
  name: string,
  dataType: EntityField['dataType'],
  extra: Partial<EntityField> = {},
): EntityField => ({
  name,
  dataType,
  length: 0,
  isRequired: false,
  isReadOnly: false,
  isQueryable: true,
  isReference: false,
  referenceEntityType: '',
  isPickList: extra.picklistValues !== undefined,
  picklistValues: null,
  picklistParentValueField: '',
  isSupportedWebhookField: false,
  ...extra,
});

const STATUSES = [
  choice(1, 'New', { isSystem: true, isDefaultValue: true }),
  choice(5, 'Complete', { isSystem: true }),
  choice(7, 'Waiting Customer'),
  choice(8, 'In Progress'),
  choice(19, 'Customer Note Added', { isSystem: true }),
  choice(24, 'Resolved by Monitoring'),
];
const PRIORITIES = [
  choice(4, 'Critical'),
  choice(1, 'High'),
  choice(2, 'Medium', { isDefaultValue: true }),
  choice(3, 'Low'),
];
const QUEUES = [
  choice(5, 'Client Portal', { isSystem: true }),
  choice(29682833, 'Managed Services Alerts'),
  choice(29683354, 'Help Desk'),
  choice(29683355, 'Old Queue', { isActive: false }),
];

/** Where a person may move a ticket to. */
export const otherQueue = (queueId: number): number =>
  Number(QUEUES.find(({ value, isActive }) => isActive && value !== String(queueId))?.value ?? queueId);
const NOTE_TYPES = [
  choice(1, 'Task Summary', { isSystem: true }),
  choice(2, 'Task Detail', { isSystem: true }),
  choice(3, 'Task Notes', { isSystem: true, isDefaultValue: true }),
  choice(13, 'Workflow Rule Note', { isSystem: true, isActive: false }),
];
const PUBLISH = [
  choice(1, 'All Autotask Users', { isSystem: true }),
  choice(2, 'Internal Project Team', { isSystem: true }),
];

const COMPANY_TYPES = [choice(1, 'Customer'), choice(2, 'Lead'), choice(3, 'Prospect'), choice(7, 'Vendor')];
const CONTRACT_TYPES = [
  choice(1, 'Time & Materials'),
  choice(3, 'Fixed Price'),
  choice(4, 'Block Hours'),
  choice(7, 'Recurring Service'),
];

/** What an administrator of the tenant can change. */
export const PICKLISTS = { queues: QUEUES, statuses: STATUSES, priorities: PRIORITIES };

export const COMPLETE_STATUS = 5;

export const ENTITIES: Record<string, EntityField[]> = {
  Tickets: [
    field('id', 'long', { isReadOnly: true }),
    field('ticketNumber', 'string', { isReadOnly: true, length: 50 }),
    field('companyID', 'integer', { isRequired: true, isReference: true, referenceEntityType: 'Company' }),
    field('title', 'string', { isRequired: true, length: 255 }),
    field('description', 'string', { length: 8000 }),
    field('status', 'integer', { isRequired: true, picklistValues: STATUSES }),
    field('priority', 'integer', { isRequired: true, picklistValues: PRIORITIES }),
    field('queueID', 'integer', { picklistValues: QUEUES }),
    field('dueDateTime', 'datetime', { isRequired: true }),
    field('externalID', 'string', { length: 50 }),
    field('assignedResourceID', 'integer', { isReference: true, referenceEntityType: 'Resource' }),
    field('assignedResourceRoleID', 'integer', { isReference: true, referenceEntityType: 'Role' }),
    field('resolution', 'string', { length: 32000 }),
    field('createDate', 'datetime', { isReadOnly: true }),
    field('completedDate', 'datetime', { isReadOnly: true }),
    field('lastActivityDate', 'datetime', { isReadOnly: true }),
    field('problemTicketId', 'integer', { isReadOnly: true }),
    field('creatorType', 'integer', { isReadOnly: true, isQueryable: false }),
  ],
  TicketNotes: [
    field('id', 'long', { isReadOnly: true }),
    field('ticketID', 'integer', { isRequired: true, isReference: true, referenceEntityType: 'Ticket' }),
    field('title', 'string', { length: 250 }),
    field('description', 'string', { isRequired: true, length: 32000 }),
    field('noteType', 'integer', { isRequired: true, picklistValues: NOTE_TYPES }),
    field('publish', 'integer', { isRequired: true, picklistValues: PUBLISH }),
    field('createDateTime', 'datetime', { isReadOnly: true }),
  ],
  Companies: [
    field('id', 'long', { isReadOnly: true }),
    field('companyName', 'string', { isRequired: true, length: 100 }),
    field('companyType', 'integer', { isRequired: true, picklistValues: COMPANY_TYPES }),
    field('isActive', 'boolean'),
  ],
  Contracts: [
    field('id', 'long', { isReadOnly: true }),
    field('contractName', 'string', { isRequired: true, length: 100 }),
    field('companyID', 'integer', { isRequired: true, isReference: true, referenceEntityType: 'Company' }),
    field('contractType', 'integer', { isRequired: true, picklistValues: CONTRACT_TYPES }),
    field('status', 'integer', { isRequired: true }),
    field('startDate', 'datetime', { isRequired: true }),
    field('endDate', 'datetime'),
  ],
  Services: [
    field('id', 'long', { isReadOnly: true }),
    field('name', 'string', { isRequired: true, length: 150 }),
    field('periodType', 'integer', { isRequired: true }),
    field('unitPrice', 'integer'),
    field('isActive', 'boolean'),
  ],
};

const company = (id: number, companyName: string, companyType = 1, isActive = true) => ({
  id,
  companyName,
  companyType,
  isActive,
});
/** So many that one page does not hold them. */
const MANY = Array.from({ length: 620 }, (_, index) => 2001 + index);

export const COMPANIES = [
  company(0, 'Demo MSP'),
  company(175, 'ACME Corp'),
  company(176, 'Globex'),
  company(177, 'Initech', 1, false),
  company(178, 'Umbrella', 2),
  ...MANY.map((id) => company(id, `Customer ${id}`)),
];

const contract = (id: number, companyID: number, contractName: string, contractType = 7, status = 1) => ({
  id,
  companyID,
  contractName,
  contractType,
  status,
  startDate: '2025-01-01T00:00:00Z',
  endDate: '2027-12-31T00:00:00Z',
});

export const CONTRACTS = [
  contract(901, 175, 'Onsite Maintenance', 1),
  contract(902, 175, 'Select Storage Contract'),
  contract(903, 176, 'Backup'),
  ...MANY.map((id) => contract(id + 10_000, id, `Backup of Customer ${id}`)),
];

const service = (id: number, name: string, isActive = true) => ({
  id,
  name,
  periodType: 2,
  unitPrice: 1,
  isActive,
});

export const SERVICES = [
  service(41, 'Online Backup, per GB'),
  service(42, 'Online Backup, per server'),
  service(43, 'Mail archive, per mailbox'),
  service(44, 'Tape rotation', false),
];

export function labelOf(entity: string, name: string, value: number): string | null {
  const choices = ENTITIES[entity]?.find((candidate) => candidate.name === name)?.picklistValues;
  return choices?.find((candidate) => candidate.value === String(value))?.label ?? null;
}
