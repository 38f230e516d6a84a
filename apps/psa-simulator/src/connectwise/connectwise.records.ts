import type { SimNote, SimTicket } from '../tickets/ticket.js';
import { BOARDS, COMPANIES, PRIORITIES, STATUSES, type BoardStatus } from './connectwise.data.js';
import type { VendorRecord } from './condition-match.js';

/** What only other tickets tell of this one. */
export interface Kin {
  /** Summary of the ticket that it was merged into. */
  mergedSummary: string | null;
  hasChild: boolean;
  hasMergedChild: boolean;
}
export const NO_KIN: Kin = { mergedSummary: null, hasChild: false, hasMergedChild: false };

/** A ticket as the API returns it: references expanded, nulls left out, the initial texts never. */
export function ticketRecord(ticket: SimTicket, kin: Kin = NO_KIN): VendorRecord {
  const board = BOARDS.find(({ id }) => id === ticket.boardId);
  const status = STATUSES.find(({ id }) => id === ticket.statusId);
  const company = COMPANIES.find(({ id }) => id === ticket.companyId);
  const priority = PRIORITIES.find(({ id }) => id === ticket.priorityId);
  return withoutNulls({
    id: ticket.id,
    summary: ticket.summary,
    recordType: ticket.isProject ? 'ProjectTicket' : 'ServiceTicket',
    board: board && { id: board.id, name: board.name },
    status: status && { id: status.id, name: status.name },
    company: company && { id: company.id, identifier: company.identifier, name: company.name },
    priority: priority && { id: priority.id, name: priority.name },
    externalXRef: ticket.marker,
    ...ticket.fields,
    closedDate: ticket.closedAt,
    closedBy: ticket.closedAt === null ? null : lastToSet(ticket, 'statusId'),
    closedFlag: ticket.isClosed,
    parentTicketId: ticket.parentId,
    hasChildTicket: kin.hasChild,
    hasMergedChildTicketFlag: kin.hasMergedChild,
    mergedParentTicket:
      ticket.mergedInto === null ? null : withoutNulls({ id: ticket.mergedInto, summary: kin.mergedSummary }),
    _info: {
      lastUpdated: ticket.updatedAt,
      updatedBy: ticket.history.at(-1)?.actor.name,
      dateEntered: ticket.createdAt,
      enteredBy: ticket.history[0]?.actor.name,
    },
  });
}

export function noteRecord(ticket: SimTicket, note: SimNote): VendorRecord {
  return withoutNulls({
    id: note.id,
    ticketId: ticket.id,
    text: note.text,
    ...note.fields,
    dateCreated: note.createdAt,
    createdBy: note.createdBy,
  });
}

export function statusRecord(status: BoardStatus): VendorRecord {
  const { boardId, ...fields } = status;
  const board = BOARDS.find(({ id }) => id === boardId);
  return {
    ...fields,
    board: board && { id: board.id, name: board.name },
    displayOnBoard: true,
    timeEntryNotAllowed: false,
  };
}

export function companyRecord(company: (typeof COMPANIES)[number]): VendorRecord {
  return { ...company, status: { id: 1, name: company.deletedFlag ? 'Inactive' : 'Active' } };
}

function lastToSet({ history }: SimTicket, field: string): string | undefined {
  const change = history.findLast(({ changes }) => changes.some((each) => each.field === field));
  return (change ?? history[0])?.actor.name;
}

function withoutNulls(record: VendorRecord): VendorRecord {
  return Object.fromEntries(
    Object.entries(record).filter(([, value]) => value !== null && value !== undefined),
  );
}
