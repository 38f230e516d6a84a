import { COMPANIES as AUTOTASK_COMPANIES } from '../autotask/autotask.data.js';
import { labelOf } from '../autotask/autotask.entities.js';
import { BOARDS, COMPANIES, PRIORITIES, STATUSES } from '../connectwise/connectwise.data.js';
import type { SimTicket } from '../tickets/ticket.js';

export interface TicketOut {
  provider: string;
  id: string;
  number: string;
  companyId: string;
  companyName: string | null;
  summary: string;
  description: string;
  board: string | null;
  status: string | null;
  statusId: number;
  priority: string | null;
  marker: string | null;
  isClosed: boolean;
  createdAt: string;
  updatedAt: string;
  closedAt: string | null;
  mergedInto: string | null;
  notes: { id: string; text: string; createdAt: string }[];
}

/** A ticket in the same words for both PSAs: for people and for tests. */
export function ticketOut(ticket: SimTicket): TicketOut {
  return {
    provider: ticket.provider,
    id: String(ticket.id),
    number: ticket.number,
    companyId: String(ticket.companyId),
    summary: ticket.summary,
    description: ticket.description,
    statusId: ticket.statusId,
    marker: ticket.marker,
    isClosed: ticket.isClosed,
    createdAt: ticket.createdAt,
    updatedAt: ticket.updatedAt,
    closedAt: ticket.closedAt,
    mergedInto: ticket.mergedInto === null ? null : String(ticket.mergedInto),
    notes: ticket.notes.map(({ id, text, createdAt }) => ({ id: String(id), text, createdAt })),
    ...(ticket.provider === 'connectwise' ? connectWiseNames(ticket) : autotaskNames(ticket)),
  };
}

type Names = Pick<TicketOut, 'companyName' | 'board' | 'status' | 'priority'>;

function connectWiseNames(ticket: SimTicket): Names {
  const nameIn = (rows: { id: number; name: string }[], id: number): string | null =>
    rows.find((row) => row.id === id)?.name ?? null;
  return {
    companyName: nameIn(COMPANIES, ticket.companyId),
    board: nameIn(BOARDS, ticket.boardId),
    status: nameIn(STATUSES, ticket.statusId),
    priority: nameIn(PRIORITIES, ticket.priorityId),
  };
}

function autotaskNames(ticket: SimTicket): Names {
  return {
    companyName: AUTOTASK_COMPANIES.find(({ id }) => id === ticket.companyId)?.companyName ?? null,
    board: labelOf('Tickets', 'queueID', ticket.boardId),
    status: labelOf('Tickets', 'status', ticket.statusId),
    priority: labelOf('Tickets', 'priority', ticket.priorityId),
  };
}
