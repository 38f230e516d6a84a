import { systemClock, type Clock } from '@backhaul/domain';
import type { FaultRegister } from '../faults/fault-register.js';
import type { TicketStore } from '../tickets/ticket-store.js';
import type { SimTicket } from '../tickets/ticket.js';
import { jsonAnswer, type Answer } from '../vendor/answer.js';
import type { VendorRequest } from '../vendor/vendor-surface.js';
import { refused } from './autotask.answers.js';
import { COMPLETE_STATUS } from './autotask.data.js';
import { requiredValue, type EntityRecord } from './autotask.filter.js';
import type { Query } from './autotask.query.js';
import { changedTicket, newNote, newTicket, noteRecord, ticketRecord } from './autotask.writes.js';

const PUT_DEFAULTS = {
  description: '',
  externalID: null,
  resolution: null,
  assignedResourceID: null,
  assignedResourceRoleID: null,
};

/** Tickets and TicketNotes. */
export class AutotaskTickets {
  constructor(
    private readonly store: TicketStore,
    private readonly faults: FaultRegister,
    private readonly clock: Clock = systemClock,
  ) {}

  records(query: Query): EntityRecord[] {
    const marker = requiredValue(query.filter, 'externalID');
    const tickets =
      typeof marker === 'string' && marker !== ''
        ? this.store.withMarker('autotask', marker)
        : this.store.all('autotask');
    const seenBefore = this.clock.now().getTime() - this.faults.searchLagMs('autotask');
    return tickets.filter(({ createdAtMs }) => createdAtMs <= seenBefore).map(ticketRecord);
  }

  noteRecords(query: Query): EntityRecord[] {
    const ticketId = requiredValue(query.filter, 'ticketID');
    const one = typeof ticketId === 'number' ? this.store.get('autotask', ticketId) : undefined;
    const tickets = typeof ticketId === 'number' ? (one ? [one] : []) : this.store.all('autotask');
    return tickets.flatMap((ticket) => ticket.notes.map((note) => noteRecord(ticket, note)));
  }

  /** A missing ticket is 200 with a null item. */
  get(id: number): Answer {
    const ticket = this.store.get('autotask', id);
    return jsonAnswer(200, { item: ticket ? ticketRecord(ticket) : null });
  }

  /** @param requiredField what the tenant made required besides; empty for nothing */
  create(request: VendorRequest, requiredField: string): Answer {
    if (requiredField !== '' && bodyOf(request)[requiredField] === undefined)
      throw refused(`Missing Required Field: ${requiredField}. ; on record number [1].`);
    const ticket = newTicket(bodyOf(request), this.store.newId(), this.clock.now());
    this.store.put(ticket);
    return jsonAnswer(200, { itemId: ticket.id });
  }

  update(request: VendorRequest): Answer {
    const fields = bodyOf(request);
    const ticket = this.find(fields['id']);
    const values = request.method === 'PUT' ? { ...PUT_DEFAULTS, ...fields } : fields;
    this.store.put(changedTicket(ticket, values, this.clock.now()));
    return jsonAnswer(200, { itemId: ticket.id });
  }

  addNote(request: VendorRequest, id: number): Answer {
    const ticket = this.store.get('autotask', id);
    if (!ticket)
      throw refused('Reference value on field: ticketID of type: Ticket does not exist or is invalid.');
    const fields = { ...bodyOf(request), ticketID: id };
    const note = newNote(fields, this.store.newId(), this.clock.now());
    this.store.put({ ...ticket, notes: [...ticket.notes, note], updatedAt: note.createdAt });
    return jsonAnswer(200, { itemId: note.id });
  }

  isClosing(body: unknown): boolean | null {
    const status = typeof body === 'object' && body !== null ? (body as EntityRecord)['status'] : undefined;
    return status === undefined ? null : Number(status) === COMPLETE_STATUS;
  }

  private find(id: unknown): SimTicket {
    const ticket = typeof id === 'number' ? this.store.get('autotask', id) : undefined;
    if (!ticket) throw refused(`No matching records found for id [${String(id)}].`);
    return ticket;
  }
}

function bodyOf(request: VendorRequest): EntityRecord {
  const { body } = request;
  if (request.hasInvalidJson || typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw refused('The request body is no JSON object; field: body.');
  }
  return body as EntityRecord;
}
