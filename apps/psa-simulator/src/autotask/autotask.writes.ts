import { vendorTime, type SimNote, type SimTicket } from '../tickets/ticket.js';
import { refused } from './autotask.answers.js';
import { nameOf, type Resource } from '../users/resource.js';
import { COMPANIES, CONTACTS, CONTRACTS, LOCATIONS } from './autotask.data.js';
import { ENTITIES, type EntityField } from './autotask.entities.js';
import { COMPLETE_STATUS } from './autotask.picklists.js';
import { conversionFailed, type EntityRecord } from './autotask.filter.js';

const ON_RECORD = ' ; on record number [1].';

/** Kept as sent, and given back; null while nobody set them. */
export const KEPT_FIELDS = [
  ...['dueDateTime', 'resolution', 'assignedResourceID', 'assignedResourceRoleID', 'ticketType'],
  ...['ticketCategory', 'source', 'issueType', 'subIssueType', 'contactID', 'contractID'],
  ...['companyLocationID', 'rmmAlertID', 'userDefinedFields'],
];

/** Who writes, when, and what the database asks for. */
export interface Writing {
  now: Date;
  /** The API user, or whom it impersonates. */
  resource: Resource;
  resources: Resource[];
  needsDueDate: boolean;
}

/** @throws Refusal in the vendor's words, the first fault only. */
export function newTicket(fields: EntityRecord, id: number, writing: Writing): SimTicket {
  const { now, resource, needsDueDate } = writing;
  requireFields('Tickets', fields, needsDueDate ? [] : ['dueDateTime']);
  if (isBlank(fields['queueID']) && isBlank(fields['assignedResourceID'])) {
    throw refused(`Missing Required Field: queueID or assignedResourceID must be supplied.${ON_RECORD}`);
  }
  const base: SimTicket = {
    provider: 'autotask',
    id,
    number: ticketNumber(id, now),
    companyId: 0,
    summary: '',
    description: '',
    boardId: 0,
    statusId: 0,
    priorityId: 0,
    marker: null,
    isClosed: false,
    createdAt: vendorTime(now),
    createdAtMs: now.getTime(),
    updatedAt: vendorTime(now),
    closedAt: null,
    mergedInto: null,
    parentId: null,
    notes: [],
    history: [],
    fields: { creatorResourceID: resource.id },
  };
  return changedTicket(base, fields, writing);
}

/** The fields given, checked and set; the rest stays. */
export function changedTicket(ticket: SimTicket, fields: EntityRecord, writing: Writing): SimTicket {
  const { now } = writing;
  checkValues('Tickets', fields);
  checkReferences(fields, Number(fields['companyID'] ?? ticket.companyId), writing.resources);
  const number = (name: string, otherwise: number): number =>
    isBlank(fields[name]) ? otherwise : Number(fields[name]);
  const statusId = number('status', ticket.statusId);
  const isClosed = statusId === COMPLETE_STATUS;
  const kept = Object.entries(fields).filter(([name]) => KEPT_FIELDS.includes(name));
  return {
    ...ticket,
    companyId: number('companyID', ticket.companyId),
    summary: text(fields['title']) ?? ticket.summary,
    description: text(fields['description']) ?? ticket.description,
    boardId: number('queueID', ticket.boardId),
    priorityId: number('priority', ticket.priorityId),
    statusId,
    marker: 'externalID' in fields ? text(fields['externalID']) : ticket.marker,
    isClosed,
    closedAt: isClosed ? (ticket.closedAt ?? vendorTime(now)) : null,
    updatedAt: vendorTime(now),
    fields: { ...ticket.fields, ...Object.fromEntries(kept.filter(([, value]) => value !== undefined)) },
  };
}

export function newNote(fields: EntityRecord, id: number, { now, resource }: Writing): SimNote {
  requireFields('TicketNotes', fields);
  checkValues('TicketNotes', fields);
  const { title, noteType, publish } = fields;
  const createdAt = vendorTime(now);
  return {
    id,
    text: String(fields['description']),
    createdAt,
    createdBy: nameOf(resource),
    fields: { title, noteType, publish },
  };
}

const NOTHING_KEPT = {
  ...Object.fromEntries(KEPT_FIELDS.map((name) => [name, null])),
  userDefinedFields: [],
};

export function ticketRecord(ticket: SimTicket): EntityRecord {
  return {
    id: ticket.id,
    ticketNumber: ticket.number,
    companyID: ticket.companyId,
    title: ticket.summary,
    description: ticket.description,
    status: ticket.statusId,
    priority: ticket.priorityId,
    queueID: ticket.boardId === 0 ? null : ticket.boardId,
    externalID: ticket.marker ?? '',
    ...NOTHING_KEPT,
    ...ticket.fields,
    createDate: ticket.createdAt,
    completedDate: ticket.closedAt,
    lastActivityDate: ticket.updatedAt,
    problemTicketId: ticket.mergedInto ?? ticket.parentId,
    creatorType: 1,
  };
}

export function noteRecord(ticket: SimTicket, note: SimNote): EntityRecord {
  return {
    id: note.id,
    ticketID: ticket.id,
    description: note.text,
    ...note.fields,
    createDateTime: note.createdAt,
  };
}

function requireFields(entity: string, fields: EntityRecord, optional: string[] = []): void {
  for (const field of ENTITIES[entity] ?? []) {
    if (field.isRequired && !optional.includes(field.name) && isBlank(fields[field.name]))
      throw refused(`Missing Required Field: ${field.name}.${ON_RECORD}`);
  }
}

function checkValues(entity: string, fields: EntityRecord): void {
  for (const field of ENTITIES[entity] ?? []) {
    const value = fields[field.name];
    if (isBlank(value) || field.isReadOnly) continue;
    if (field.dataType === 'integer') checkInteger(field, value);
    if (field.dataType === 'datetime' && Number.isNaN(Date.parse(String(value))))
      throw refused(conversionFailed(value, 'datetime'));
    if (field.dataType === 'string' && field.length > 0 && String(value).length > field.length) {
      throw refused(`String value exceeds maximum length (field:${field.name}).${ON_RECORD}`);
    }
  }
}

function checkInteger(field: EntityField, value: unknown): void {
  if (!Number.isInteger(Number(value)) || typeof value === 'boolean')
    throw refused(conversionFailed(value, 'int'));
  if (!field.isPickList) return;
  const isKnown =
    field.picklistValues?.some((choice) => choice.value === String(value) && choice.isActive) ?? false;
  if (!isKnown)
    throw refused(`Picklist value [${String(value)}] does not exist for ${field.name}.${ON_RECORD}`);
}

function checkReferences(fields: EntityRecord, ticketCompany: number, resources: Resource[]): void {
  const { companyID, contactID, contractID, companyLocationID, assignedResourceID } = fields;
  const check = (field: string, type: string, isThere: boolean): void => {
    if (!isBlank(fields[field]) && !isThere)
      throw refused(
        `Reference value on field: ${field} of type: ${type} does not exist or is invalid.${ON_RECORD}`,
      );
  };
  if (isBlank(assignedResourceID) !== isBlank(fields['assignedResourceRoleID'])) {
    throw refused(
      'Data violation: When assigning a Resource, you must assign both a assignedResourceID and assignedResourceRoleID.',
    );
  }
  check('companyID', 'Company', isActiveRow(COMPANIES, companyID));
  check('contactID', 'Contact', isActiveRow(CONTACTS, contactID));
  check(
    'contractID',
    'Contract',
    CONTRACTS.some(({ id }) => id === Number(contractID)),
  );
  check('assignedResourceID', 'Resource', isActiveRow(resources, assignedResourceID));
  const location = LOCATIONS.find(({ id }) => id === Number(companyLocationID));
  if (!isBlank(companyLocationID) && location?.companyID !== ticketCompany)
    throw refused(
      `The companyLocationID[${String(companyLocationID)}] cannot be associated with the Ticket because it belongs to an other company.`,
    );
}

function isActiveRow(rows: { id: number; isActive: boolean }[], wanted: unknown): boolean {
  return rows.some(({ id, isActive }) => id === Number(wanted) && isActive);
}

function ticketNumber(id: number, now: Date): string {
  return `T${now.toISOString().slice(0, 10).replaceAll('-', '')}.${String(id).padStart(4, '0')}`;
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}
