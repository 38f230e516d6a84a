import type { SimNote, SimTicket } from '../tickets/ticket.js';
import { BOARDS, COMPANIES, PRIORITIES, STATUSES, type BoardStatus } from './connectwise.data.js';
import type { VendorRecord } from './condition-match.js';

/** A ticket as the API returns it: references expanded, nulls left out, the initial texts never. */
export function ticketRecord(ticket: SimTicket): VendorRecord {
  const board = BOARDS.find(({ id }) => id === ticket.boardId);
  const status = STATUSES.find(({ id }) => id === ticket.statusId);
  const company = COMPANIES.find(({ id }) => id === ticket.companyId);
  const priority = PRIORITIES.find(({ id }) => id === ticket.priorityId);
  return withoutNulls({
    id: ticket.id,
    summary: ticket.summary,
    recordType: 'ServiceTicket',
    board: board && { id: board.id, name: board.name },
    status: status && { id: status.id, name: status.name },
    company: company && { id: company.id, identifier: company.identifier, name: company.name },
    priority: priority && { id: priority.id, name: priority.name },
    externalXRef: ticket.marker,
    ...ticket.fields,
    closedDate: ticket.closedAt,
    closedBy: ticket.closedAt === null ? null : 'backhaul',
    closedFlag: ticket.isClosed,
    parentTicketId: ticket.parentId,
    mergedParentTicket: ticket.mergedInto === null ? null : { id: ticket.mergedInto },
    _info: {
      lastUpdated: ticket.updatedAt,
      updatedBy: 'backhaul',
      dateEntered: ticket.createdAt,
      enteredBy: 'backhaul',
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

function withoutNulls(record: VendorRecord): VendorRecord {
  return Object.fromEntries(
    Object.entries(record).filter(([, value]) => value !== null && value !== undefined),
  );
}
