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

export const STATUSES = [
  choice(1, 'New', { isSystem: true, isDefaultValue: true }),
  choice(5, 'Complete', { isSystem: true }),
  choice(7, 'Waiting Customer'),
  choice(8, 'In Progress'),
  choice(19, 'Customer Note Added', { isSystem: true }),
  choice(24, 'Resolved by Monitoring'),
];
export const PRIORITIES = [
  choice(4, 'Critical'),
  choice(1, 'High'),
  choice(2, 'Medium', { isDefaultValue: true }),
  choice(3, 'Low'),
];
export const QUEUES = [
  choice(5, 'Client Portal', { isSystem: true }),
  choice(29682833, 'Managed Services Alerts'),
  choice(29683354, 'Help Desk'),
  choice(29683355, 'Old Queue', { isActive: false }),
];

/** Where a person may move a ticket to. */
export const otherQueue = (queueId: number): number =>
  Number(QUEUES.find(({ value, isActive }) => isActive && value !== String(queueId))?.value ?? queueId);
export const NOTE_TYPES = [
  choice(1, 'Task Summary', { isSystem: true }),
  choice(2, 'Task Detail', { isSystem: true }),
  choice(3, 'Task Notes', { isSystem: true, isDefaultValue: true }),
  choice(13, 'Workflow Rule Note', { isSystem: true, isActive: false }),
];
export const PUBLISH = [
  choice(1, 'All Autotask Users', { isSystem: true }),
  choice(2, 'Internal Project Team', { isSystem: true }),
];

export const COMPANY_TYPES = [
  choice(1, 'Customer'),
  choice(2, 'Lead'),
  choice(3, 'Prospect'),
  choice(7, 'Vendor'),
];
export const CONTRACT_TYPES = [
  choice(1, 'Time & Materials'),
  choice(3, 'Fixed Price'),
  choice(4, 'Block Hours'),
  choice(7, 'Recurring Service'),
];

export const TICKET_TYPES = [
  choice(1, 'Service Request', { isDefaultValue: true }),
  choice(2, 'Incident'),
  choice(3, 'Problem', { isSystem: true }),
  choice(5, 'Alert'),
];
export const TICKET_CATEGORIES = [choice(2, 'RMM Alert'), choice(3, 'Standard', { isDefaultValue: true })];
export const SOURCES = [choice(2, 'Phone'), choice(4, 'Email'), choice(8, 'Monitoring Alert')];
export const ISSUE_TYPES = [choice(10, 'Computer'), choice(11, 'Backup')];
/** Each belongs to an issue type. */
export const SUB_ISSUE_TYPES = [
  choice(101, 'Hardware', { parentValue: '10' }),
  choice(111, 'Failed backup', { parentValue: '11' }),
];

/** What an administrator of the tenant can change. */
export const PICKLISTS = { queues: QUEUES, statuses: STATUSES, priorities: PRIORITIES };

export const COMPLETE_STATUS = 5;
