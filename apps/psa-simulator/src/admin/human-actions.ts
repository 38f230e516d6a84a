import { COMPLETE_STATUS, otherQueue } from '../autotask/autotask.data.js';
import { BOARDS, STATUSES } from '../connectwise/connectwise.data.js';
import { defaultStatus } from '../connectwise/connectwise.writes.js';
import type { TicketStore } from '../tickets/ticket-store.js';
import { vendorTime, type Provider, type SimTicket } from '../tickets/ticket.js';

export const HUMAN_ACTIONS = ['close', 'reopen', 'delete', 'merge', 'move', 'child'] as const;
export type HumanAction = (typeof HUMAN_ACTIONS)[number];

/** What a technician does in the PSA itself. Returns a complaint, or null when it is done. */
export function actAsHuman(
  store: TicketStore,
  provider: Provider,
  id: number,
  action: HumanAction,
  into: number | null,
): string | null {
  const ticket = store.get(provider, id);
  if (!ticket) return 'no such ticket';
  if (action === 'delete') {
    store.delete(provider, id);
    return null;
  }
  if (action === 'move') {
    if (provider === 'autotask') {
      store.put(touched({ ...ticket, boardId: otherQueue(ticket.boardId) }));
      return null;
    }
    const boardId = BOARDS.find((board) => board.id !== ticket.boardId)?.id ?? ticket.boardId;
    store.put(touched({ ...ticket, boardId, statusId: defaultStatus(boardId), isClosed: false }));
    return null;
  }
  if (action === 'merge' || action === 'child') {
    if (into === null || into === id || !store.get(provider, into)) return 'into: an other ticket';
    if (action === 'child') {
      store.put(touched({ ...ticket, parentId: into }));
      return null;
    }
    store.put(touched({ ...withStatus(ticket, true), mergedInto: into, parentId: into }));
    return null;
  }
  store.put(touched(withStatus(ticket, action === 'close')));
  return null;
}

function withStatus(ticket: SimTicket, isClosed: boolean): SimTicket {
  const closing = STATUSES.find(
    (status) => status.boardId === ticket.boardId && status.closedStatus && !status.inactive,
  );
  const connectwise = isClosed ? (closing?.id ?? ticket.statusId) : defaultStatus(ticket.boardId);
  const autotask = isClosed ? COMPLETE_STATUS : 1;
  return { ...ticket, isClosed, statusId: ticket.provider === 'connectwise' ? connectwise : autotask };
}

function touched(ticket: SimTicket): SimTicket {
  const now = vendorTime(new Date());
  return { ...ticket, updatedAt: now, closedAt: ticket.isClosed ? (ticket.closedAt ?? now) : null };
}
