import {
  COMPANY_TYPES,
  CONTRACT_TYPES,
  ISSUE_TYPES,
  NOTE_TYPES,
  PRIORITIES,
  PUBLISH,
  QUEUES,
  SOURCES,
  STATUSES,
  SUB_ISSUE_TYPES,
  TICKET_CATEGORIES,
  TICKET_TYPES,
  type PicklistValue,
} from './autotask.picklists.js';

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

/** User-defined fields by entity; a filter names one with `udf`. */
export const USER_FIELDS: Record<string, EntityField[]> = {
  Tickets: [field('Backup Job', 'string', { length: 100 })],
};

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
    field('ticketType', 'integer', { picklistValues: TICKET_TYPES }),
    field('ticketCategory', 'integer', { picklistValues: TICKET_CATEGORIES }),
    field('source', 'integer', { picklistValues: SOURCES }),
    field('issueType', 'integer', { picklistValues: ISSUE_TYPES }),
    field('subIssueType', 'integer', {
      picklistValues: SUB_ISSUE_TYPES,
      picklistParentValueField: 'issueType',
    }),
    field('contactID', 'integer', { isReference: true, referenceEntityType: 'Contact' }),
    field('contractID', 'integer', { isReference: true, referenceEntityType: 'Contract' }),
    field('companyLocationID', 'integer', { isReference: true, referenceEntityType: 'CompanyLocation' }),
    field('rmmAlertID', 'string', { length: 50 }),
    field('creatorResourceID', 'integer', { isReadOnly: true, isReference: true, referenceEntityType: 'Resource' }), // prettier-ignore
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
  Contacts: [
    field('id', 'long', { isReadOnly: true }),
    field('companyID', 'integer', { isRequired: true, isReference: true, referenceEntityType: 'Company' }),
    field('firstName', 'string', { isRequired: true, length: 50 }),
    field('lastName', 'string', { isRequired: true, length: 50 }),
    field('isActive', 'boolean'),
  ],
  Resources: [
    field('id', 'long', { isReadOnly: true }),
    field('firstName', 'string', { isReadOnly: true, length: 50 }),
    field('lastName', 'string', { isReadOnly: true, length: 50 }),
    field('email', 'string', { isReadOnly: true, length: 254 }),
    field('userName', 'string', { isReadOnly: true, length: 254 }),
    field('isActive', 'boolean', { isReadOnly: true }),
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

export function labelOf(entity: string, name: string, value: number): string | null {
  const choices = ENTITIES[entity]?.find((candidate) => candidate.name === name)?.picklistValues;
  return choices?.find((candidate) => candidate.value === String(value))?.label ?? null;
}
