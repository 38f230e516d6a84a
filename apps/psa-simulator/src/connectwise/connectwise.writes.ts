import { vendorTime, type SimTicket } from '../tickets/ticket.js';
import { fieldError, invalidObject, missingField, tooLong } from './connectwise.answers.js';
import {
  BOARDS,
  COMPANIES,
  DEFAULT_BOARD,
  DEFAULT_PRIORITY,
  PRIORITIES,
  STATUSES,
} from './connectwise.data.js';

export type Fields = Record<string, unknown>;

const MAX_LENGTHS: Record<string, number> = { summary: 100, externalXRef: 100, poNumber: 50, siteName: 50 };
/** Kept and returned as sent. */
const PLAIN_FIELDS = [
  'severity',
  'impact',
  'poNumber',
  'siteName',
  'customerUpdatedFlag',
  'customFields',
  'contactName',
];
const CHOICES = ['Low', 'Medium', 'High'];

/** @throws Refusal with every error that the vendor would list. */
export function newTicket(fields: Fields, id: number, now: Date): SimTicket {
  const errors = [
    ...['company', 'summary']
      .filter((name) => isBlank(fields[name]))
      .map((name) => missingField('ticket', name)),
    ...lengthErrors(fields),
  ];
  if (errors.length > 0) throw invalidObject('ticket', errors);
  const boardId = referenceId(fields['board'], BOARDS, 'board') ?? DEFAULT_BOARD;
  const ticket: SimTicket = {
    provider: 'connectwise',
    id,
    number: String(id),
    companyId: companyId(fields['company']),
    summary: String(fields['summary']),
    description: textOf(fields['initialDescription']) ?? textOf(fields['initialInternalAnalysis']) ?? '',
    boardId,
    statusId: statusId(fields['status'], boardId) ?? defaultStatus(boardId),
    priorityId: referenceId(fields['priority'], PRIORITIES, 'priority') ?? DEFAULT_PRIORITY,
    marker: textOf(fields['externalXRef']),
    isClosed: false,
    createdAt: vendorTime(now),
    createdAtMs: now.getTime(),
    updatedAt: vendorTime(now),
    closedAt: null,
    mergedInto: null,
    parentId: null,
    notes: [],
    fields: plainFields(fields),
  };
  return settled(ticket, now);
}

/** The ticket with some fields set, everything checked against the board that it ends up on. */
export function changedTicket(ticket: SimTicket, fields: Fields, now: Date): SimTicket {
  const errors = lengthErrors(fields);
  if ('summary' in fields && isBlank(fields['summary'])) errors.push(missingField('ticket', 'summary'));
  if (errors.length > 0) throw invalidObject('ticket', errors);
  const boardId = referenceId(fields['board'], BOARDS, 'board') ?? ticket.boardId;
  const hasMoved = boardId !== ticket.boardId;
  const changed: SimTicket = {
    ...ticket,
    boardId,
    summary: textOf(fields['summary']) ?? ticket.summary,
    companyId: isBlank(fields['company']) ? ticket.companyId : companyId(fields['company']),
    statusId: statusId(fields['status'], boardId) ?? (hasMoved ? defaultStatus(boardId) : ticket.statusId),
    priorityId: referenceId(fields['priority'], PRIORITIES, 'priority') ?? ticket.priorityId,
    marker: 'externalXRef' in fields ? textOf(fields['externalXRef']) : ticket.marker,
    fields: { ...ticket.fields, ...plainFields(fields) },
    updatedAt: vendorTime(now),
  };
  return settled(changed, now);
}

/** `closedFlag` is derived from the status, whatever was asked. */
function settled(ticket: SimTicket, now: Date): SimTicket {
  const isClosed = STATUSES.find(({ id }) => id === ticket.statusId)?.closedStatus ?? false;
  return { ...ticket, isClosed, closedAt: isClosed ? (ticket.closedAt ?? vendorTime(now)) : null };
}

export function defaultStatus(boardId: number): number {
  return STATUSES.find((status) => status.boardId === boardId && status.defaultFlag)?.id ?? 0;
}

export function statusId(reference: unknown, boardId: number): number | null {
  if (isBlank(reference)) return null;
  const ofBoard = STATUSES.filter((status) => status.boardId === boardId && !status.inactive);
  return referenceId(reference, ofBoard, 'status');
}

function companyId(reference: unknown): number {
  const alive = COMPANIES.filter((company) => !company.deletedFlag);
  return referenceId(reference, alive, 'company') ?? 0;
}

/** `{ id }`, `{ name }` or `{ identifier }`; an id wins. */
function referenceId<T extends { id: number; name: string; identifier?: string }>(
  reference: unknown,
  rows: T[],
  field: string,
): number | null {
  if (isBlank(reference)) return null;
  const { id, name, identifier } = (typeof reference === 'object' ? reference : {}) as Fields;
  const found = rows.find((row) =>
    id !== undefined
      ? row.id === id
      : name !== undefined
        ? same(row.name, name)
        : same(row.identifier, identifier),
  );
  if (found) return found.id;
  const wanted = id !== undefined ? 'id' : name !== undefined ? 'name' : 'identifier';
  const text = `${field} ${String(id ?? name ?? identifier)} not found`;
  throw invalidObject('ticket', [fieldError('NotFound', text, 'ticket', `${field}/${wanted}`)]);
}

function lengthErrors(fields: Fields) {
  return Object.entries(MAX_LENGTHS).flatMap(([name, max]) => {
    const value = fields[name];
    return typeof value === 'string' && value.length > max ? [tooLong('ticket', name, max)] : [];
  });
}

function plainFields(fields: Fields): Fields {
  for (const name of ['severity', 'impact']) {
    const value = fields[name];
    if (!isBlank(value) && !CHOICES.includes(String(value))) {
      const text = `${name} is not one of ${CHOICES.join(', ')}`;
      throw invalidObject('ticket', [fieldError('InvalidField', text, 'ticket', name)]);
    }
  }
  return Object.fromEntries(Object.entries(fields).filter(([name]) => PLAIN_FIELDS.includes(name)));
}

function same(a: string | undefined, b: unknown): boolean {
  return a !== undefined && typeof b === 'string' && a.toLowerCase() === b.toLowerCase();
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}
