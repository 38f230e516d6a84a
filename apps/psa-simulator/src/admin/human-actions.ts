import { COMPLETE_STATUS, otherQueue } from '../autotask/autotask.picklists.js';
import { BOARDS, STATUSES } from '../connectwise/connectwise.data.js';
import { defaultStatus } from '../connectwise/connectwise.writes.js';
import type { TicketStore } from '../tickets/ticket-store.js';
import { vendorTime, type Actor, type Provider, type SimTicket } from '../tickets/ticket.js';

export const HUMAN_ACTIONS = [
  'close',
  'reopen',
  'delete',
  'merge',
  'move',
  'child',
  'note',
  'project',
] as const;
export type HumanAction = (typeof HUMAN_ACTIONS)[number];

/** What a technician does, and what it takes. */
export interface Deed {
  action: HumanAction;
  /** The other ticket, of `merge` and `child`. */
  into: number | null;
  /** Of `note`. */
  text: string;
  actor: Actor;
}

/** What a technician does in the PSA itself. Returns a complaint, or null when it is done. */
export function actAsHuman(store: TicketStore, provider: Provider, id: number, deed: Deed): string | null {
  const ticket = store.get(provider, id);
  if (!ticket) return 'no such ticket';
  if (deed.action === 'delete') {
    store.delete(provider, id);
    return null;
  }
  const changed = changedBy(store, ticket, deed);
  if (typeof changed === 'string') return changed;
  store.put(touched(changed), deed.actor);
  return null;
}

function changedBy(store: TicketStore, ticket: SimTicket, deed: Deed): SimTicket | string {
  const { provider, id } = ticket;
  switch (deed.action) {
    case 'close':
    case 'reopen':
      return withStatus(ticket, deed.action === 'close');
    case 'move':
      return moved(ticket);
    case 'project':
      return provider === 'connectwise'
        ? { ...ticket, isProject: true }
        : 'action: project tickets are of ConnectWise';
    case 'note':
      return deed.text.trim() === '' ? 'text: is required' : withNote(ticket, store.newId(), deed);
    default: {
      const { into } = deed;
      if (into === null || into === id || !store.get(provider, into)) return 'into: an other ticket';
      const child = { ...ticket, parentId: into };
      return deed.action === 'child' ? child : { ...withStatus(child, true), mergedInto: into };
    }
  }
}

function moved(ticket: SimTicket): SimTicket {
  if (ticket.provider === 'autotask') return { ...ticket, boardId: otherQueue(ticket.boardId) };
  const boardId = BOARDS.find((board) => board.id !== ticket.boardId)?.id ?? ticket.boardId;
  return { ...ticket, boardId, statusId: defaultStatus(boardId), isClosed: false };
}

/** As each PSA keeps a technician's note: seen by customers too. */
function withNote(ticket: SimTicket, id: number, { text, actor }: Deed): SimTicket {
  const fields =
    ticket.provider === 'connectwise'
      ? { detailDescriptionFlag: true }
      : { title: 'Note', noteType: 3, publish: 1 };
  const note = { id, text: text.trim(), createdAt: vendorTime(new Date()), createdBy: actor.name, fields };
  return { ...ticket, notes: [...ticket.notes, note] };
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
