import { vendorTime, type SimTicket } from '../tickets/ticket.js';
import type { Member } from '../users/member.js';
import { fieldError, invalidObject, missingField, tooLong } from './connectwise.answers.js';
import {
  BOARDS,
  COMPANIES,
  DEFAULT_BOARD,
  DEFAULT_PRIORITY,
  PRIORITIES,
  STATUSES,
} from './connectwise.data.js';
import {
  BOARD_REFERENCES,
  isBlank,
  keptReferences,
  referenced,
  type Fields,
} from './connectwise.references.js';

export type { Fields };

/** Who writes, and when. */
export interface Writing {
  now: Date;
  /** The API member, whose defaults fill what is not sent. */
  member: Member;
  members: Member[];
  /** A move without a status of the new board: its default status, or a refusal. */
  boardMove: 'default' | 'refuse';
}

const MAX_LENGTHS: Record<string, number> = {
  summary: 100,
  externalXRef: 100,
  poNumber: 50,
  siteName: 50,
  contactName: 62,
  contactEmailAddress: 250,
};
const DATES = ['requiredDate', 'estimatedStartDate'];
const WHOLE_SECONDS = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;
/** Kept and returned as sent. */
export const PLAIN_FIELDS = [
  'severity',
  'impact',
  'poNumber',
  'siteName',
  'customerUpdatedFlag',
  'customFields',
  'integratorTags',
  'contactName',
  'contactEmailAddress',
  ...DATES,
];
const CHOICES = ['Low', 'Medium', 'High'];

/** @throws Refusal with every error that the vendor would list. */
export function newTicket(fields: Fields, id: number, writing: Writing): SimTicket {
  const { now, member } = writing;
  const errors = [
    ...['company', 'summary']
      .filter((name) => isBlank(fields[name]))
      .map((name) => missingField('ticket', name)),
    ...lengthErrors(fields),
  ];
  if (errors.length > 0) throw invalidObject('ticket', errors);
  const boardId = referenced(fields['board'], BOARDS, 'board')?.id ?? defaultBoard(member);
  const companyId = companyIdOf(fields['company']);
  const ticket: SimTicket = {
    provider: 'connectwise',
    id,
    number: String(id),
    companyId,
    summary: String(fields['summary']),
    description: textOf(fields['initialDescription']) ?? textOf(fields['initialInternalAnalysis']) ?? '',
    boardId,
    statusId: statusId(fields['status'], boardId) ?? defaultStatus(boardId),
    priorityId: referenced(fields['priority'], PRIORITIES, 'priority')?.id ?? DEFAULT_PRIORITY,
    marker: textOf(fields['externalXRef']),
    isClosed: false,
    createdAt: vendorTime(now),
    createdAtMs: now.getTime(),
    updatedAt: vendorTime(now),
    closedAt: null,
    mergedInto: null,
    parentId: null,
    notes: [],
    history: [],
    fields: {
      ...plainFields(fields),
      ...keptReferences(fields, { boardId, companyId, members: writing.members }),
    },
  };
  return settled(ticket, now);
}

/** The ticket with some fields set, everything checked against the board that it ends up on. */
export function changedTicket(ticket: SimTicket, fields: Fields, writing: Writing): SimTicket {
  const errors = lengthErrors(fields);
  if ('summary' in fields && isBlank(fields['summary'])) errors.push(missingField('ticket', 'summary'));
  if (errors.length > 0) throw invalidObject('ticket', errors);
  const boardId = referenced(fields['board'], BOARDS, 'board')?.id ?? ticket.boardId;
  const companyId = isBlank(fields['company']) ? ticket.companyId : companyIdOf(fields['company']);
  const kept = Object.entries(ticket.fields).filter(
    ([name]) => boardId === ticket.boardId || !BOARD_REFERENCES.includes(name),
  );
  const changed: SimTicket = {
    ...ticket,
    boardId,
    companyId,
    summary: textOf(fields['summary']) ?? ticket.summary,
    statusId: statusId(fields['status'], boardId) ?? statusAfterMove(ticket, boardId, writing),
    priorityId: referenced(fields['priority'], PRIORITIES, 'priority')?.id ?? ticket.priorityId,
    marker: 'externalXRef' in fields ? textOf(fields['externalXRef']) : ticket.marker,
    fields: {
      ...Object.fromEntries(kept),
      ...plainFields(fields),
      ...keptReferences(fields, { boardId, companyId, members: writing.members }),
    },
    updatedAt: vendorTime(writing.now),
  };
  return settled(changed, writing.now);
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
  const ofBoard = STATUSES.filter((status) => status.boardId === boardId && !status.inactive);
  return referenced(reference, ofBoard, 'status')?.id ?? null;
}

function statusAfterMove(ticket: SimTicket, boardId: number, { boardMove }: Writing): number {
  if (boardId === ticket.boardId) return ticket.statusId;
  return boardMove === 'default'
    ? defaultStatus(boardId)
    : (statusId({ id: ticket.statusId }, boardId) ?? ticket.statusId);
}

/** The member's own, while it is there. */
function defaultBoard({ defaultBoardId }: Member): number {
  return BOARDS.some(({ id }) => id === defaultBoardId) ? defaultBoardId : DEFAULT_BOARD;
}

function companyIdOf(reference: unknown): number {
  const alive = COMPANIES.filter((company) => !company.deletedFlag);
  return referenced(reference, alive, 'company')?.id ?? 0;
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
    if (!isBlank(value) && !CHOICES.some((choice) => choice === value)) {
      const text = `${name} is not one of ${CHOICES.join(', ')}`;
      throw invalidObject('ticket', [fieldError('InvalidField', text, 'ticket', name)]);
    }
  }
  for (const name of DATES) {
    const value = fields[name];
    if (!isBlank(value) && !(typeof value === 'string' && WHOLE_SECONDS.test(value)))
      throw invalidObject('ticket', [
        fieldError('InvalidField', `${name} has an unsupported format`, 'ticket', name),
      ]);
  }
  return Object.fromEntries(Object.entries(fields).filter(([name]) => PLAIN_FIELDS.includes(name)));
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
