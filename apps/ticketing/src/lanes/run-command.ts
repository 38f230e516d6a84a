import type { Marker } from '@backhaul/domain';
import { crashPoint } from '@backhaul/messaging';
import type { Capabilities, NoteOptions, PsaTicket, TicketPort } from '@backhaul/psa';
import {
  closingNoteOf,
  type ContentFacts,
  descriptionOf,
  noteOf,
  summaryOf,
} from '../incidents/ticket-content.js';
import type { HeadCommand } from './lane.repository.js';

/** What the PSA looks like now. */
export interface CommandDone {
  reason: 'opened' | 'noted' | 'resolved' | 'reopened' | 'ticket_deleted' | 'ticket_closed' | 'merged';
  ticket: PsaTicket | null;
  /** What somebody did to the ticket in the PSA that keeps it from being kept apart (E64). */
  warning?: 'moved' | 'child';
  /** Doubles of the ticket, found by its marker; all but the oldest are to be closed. */
  doubles: PsaTicket[];
}

/** The search found nothing, and a ticket that was created may not be visible yet. */
export class NotSettled extends Error {
  constructor(readonly waitMs: number) {
    super('A ticket may exist that the search does not show yet');
  }
}

/** Another worker owns the lane by now. */
export class LeaseLost extends Error {}

export interface RunContext {
  port: TicketPort;
  command: HeadCommand;
  /** True when the command was sent before and its fate is not known. */
  wasSent: boolean;
  /** The database is one of before: the PSA may have what it does not know of. */
  looksFirst?: boolean;
  settleMs: number;
  signal: AbortSignal;
  /** The mark was written just now, and the lease is not so near its end that a call could outlive it. */
  isFresh: () => boolean;
  /** Writes down that the call is made now; false when the lane is no longer ours. */
  markAgain: () => Promise<boolean>;
}

/** A call begins within this time of its mark, or is marked anew. */
export const FRESH_MS = 1000;

/** This long after its mark a ticket that was created shows in a search: begin, call, index, and some tolerance. */
export const settleMsOf = ({
  requestTimeoutMs,
  searchLagMs,
}: Pick<Capabilities, 'requestTimeoutMs' | 'searchLagMs'>): number =>
  FRESH_MS + requestTimeoutMs + searchLagMs + 1000;

const factsOf = (command: HeadCommand): ContentFacts => ({
  customerName: command.customerName ?? `Customer ${command.custId}`,
  custId: command.custId,
  username: command.username ?? 'unknown',
  accountNo: command.accountNo,
  ...command.content,
});

const referenceOf = (command: HeadCommand): string => `${command.marker}-${command.commandId.slice(-8)}`;

/** Search, settle, create: the order that leaves no second ticket behind, wherever the process dies. */
async function create({
  port,
  command,
  wasSent,
  looksFirst = false,
  settleMs,
  signal,
  isFresh,
  markAgain,
}: RunContext): Promise<CommandDone> {
  if (wasSent || looksFirst) {
    const [ticket, ...doubles] = await port.findByMarker(command.marker, signal);
    if (ticket) return { reason: 'opened', ticket, doubles };
    const sinceMs = command.now.getTime() - (command.sentAt?.getTime() ?? 0);
    if (sinceMs < settleMs) throw new NotSettled(settleMs - sinceMs);
    if (!(await markAgain())) throw new LeaseLost();
  }
  const facts = factsOf(command);
  crashPoint('psa.create.before-post');
  // The settle time counts from the mark, so the call has to begin with it; and past its lease a worker must not send:
  // another may own the lane, and have searched already.
  if (!isFresh() && !((await markAgain()) && isFresh())) throw new LeaseLost();
  const limit = AbortSignal.any([signal, AbortSignal.timeout(port.capabilities.requestTimeoutMs)]);
  const ticket = await port.create(
    {
      marker: command.marker as Marker,
      companyId: command.psaCompanyId as string,
      summary: summaryOf(facts),
      description: `${descriptionOf(facts)}\nReference: ${command.marker}`,
      severity: facts.severity,
    },
    limit,
  );
  crashPoint('psa.create.after-post');
  return { reason: 'opened', ticket, doubles: [] };
}

interface Target {
  ticket: PsaTicket;
  isMerged: boolean;
  warning: Pick<CommandDone, 'warning'>;
}

/** Merged tickets may be merged again; a circle ends here. */
const MOST_MERGES = 5;

/**
 * Where a note belongs: the ticket, or the one it was merged into, however often (E64); a child that its open parent
 * closed counts as merged. Null when there is none any more.
 */
async function target(context: RunContext): Promise<Target | null> {
  const { port, command, signal } = context;
  // Without an id the link was lost, as with a connection made anew; the marker is in the ticket all the same.
  const ticket =
    command.ticketId === null
      ? ((await port.findByMarker(command.marker, signal))[0] ?? null)
      : await port.get(command.ticketId, signal);
  if (!ticket) return null;
  const parent = await parentOf(ticket, context);
  if (parent) return { ticket: parent, isMerged: true, warning: {} };
  return { ticket, isMerged: false, warning: warningOf(ticket, command) };
}

async function parentOf(ticket: PsaTicket, { port, signal, command }: RunContext): Promise<PsaTicket | null> {
  if (!ticket.mergedInto) {
    // What we closed ourselves is ours to open again; a note finds closed only what people closed.
    const isTheirs = command.kind === 'note' && ticket.isClosed;
    const parent = isTheirs && ticket.parentId ? await port.get(ticket.parentId, signal) : null;
    return parent?.isClosed === false ? parent : null;
  }
  let parent: PsaTicket | null = null;
  let next: string | null = ticket.mergedInto;
  for (let merges = 0; next !== null && merges < MOST_MERGES; merges += 1) {
    const found = await port.get(next, signal);
    parent = found ?? parent;
    next = found?.mergedInto ?? null;
  }
  return parent;
}

function warningOf(
  { parentId, placeId }: PsaTicket,
  { ticketPlace }: HeadCommand,
): Pick<CommandDone, 'warning'> {
  if (parentId !== null) return { warning: 'child' };
  const isMoved = ticketPlace !== null && typeof placeId === 'string' && placeId !== ticketPlace;
  return isMoved ? { warning: 'moved' } : {};
}

/** Whether the PSA may have the note already; its reference tells. */
const mayStand = ({ wasSent, looksFirst = false }: RunContext): NoteOptions => ({
  isRetry: wasSent || looksFirst,
});

async function note(context: RunContext): Promise<CommandDone> {
  const { port, command, wasSent, signal } = context;
  const found = await target(context);
  if (!found) return { reason: 'ticket_deleted', ticket: null, doubles: [] };
  const text = noteOf(factsOf(command), referenceOf(command));
  crashPoint('psa.note.before-post');
  // A person closed it while the problem lasts: it is opened again with the note, or left to rest if it is long ago.
  if (found.ticket.isClosed && !found.isMerged && command.isForgotten && !wasSent)
    return { reason: 'ticket_closed', ticket: null, doubles: [] };
  if (found.ticket.isClosed && !found.isMerged && command.incidentState === 'open') {
    return {
      reason: 'reopened',
      ticket: await port.reopen(found.ticket.id, text, signal, mayStand(context)),
      doubles: [],
      ...found.warning,
    };
  }
  await port.addNote(found.ticket.id, text, signal, mayStand(context));
  crashPoint('psa.note.after-post');
  return {
    reason: found.isMerged ? 'merged' : 'noted',
    ticket: found.isMerged ? null : found.ticket,
    doubles: [],
    ...found.warning,
  };
}

async function close(context: RunContext): Promise<CommandDone> {
  const { port, command, signal } = context;
  const found = await target(context);
  if (!found) return { reason: 'ticket_deleted', ticket: null, doubles: [] };
  const text = closingNoteOf(factsOf(command), referenceOf(command));
  crashPoint('psa.close.before-post');
  // A parent holds other matters too: it gets the note and stays as it is.
  if (found.isMerged) {
    await port.addNote(found.ticket.id, text, signal, mayStand(context));
    return { reason: 'merged', ticket: null, doubles: [] };
  }
  const ticket = await port.close(found.ticket.id, text, signal, mayStand(context));
  crashPoint('psa.close.after-post');
  return { reason: 'resolved', ticket, doubles: [], ...found.warning };
}

async function reopen(context: RunContext): Promise<CommandDone> {
  const { port, command, signal } = context;
  const found = await target(context);
  if (!found) return { reason: 'ticket_deleted', ticket: null, doubles: [] };
  const text = noteOf(factsOf(command), referenceOf(command));
  crashPoint('psa.reopen.before-post');
  if (found.isMerged) {
    await port.addNote(found.ticket.id, text, signal, mayStand(context));
    return { reason: 'merged', ticket: null, doubles: [] };
  }
  const ticket = await port.reopen(found.ticket.id, text, signal, mayStand(context));
  crashPoint('psa.reopen.after-post');
  return { reason: 'reopened', ticket, doubles: [], ...found.warning };
}

const RUN = { create, note, close, reopen };

/** Makes the PSA look as the command says. @throws PsaError, NotSettled, LeaseLost */
export function runCommand(context: RunContext): Promise<CommandDone> {
  return RUN[context.command.kind](context);
}
