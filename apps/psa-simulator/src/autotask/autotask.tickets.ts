import { systemClock, type Clock } from '@backhaul/domain';
import type { FaultRegister } from '../faults/fault-register.js';
import type { TicketStore } from '../tickets/ticket-store.js';
import type { SimTicket } from '../tickets/ticket.js';
import type { UserStore } from '../users/user-store.js';
import { jsonAnswer, type Answer } from '../vendor/answer.js';
import type { Switches } from '../vendor/switches.js';
import { refused } from './autotask.answers.js';
import { requiredValue, type EntityRecord } from './autotask.filter.js';
import { COMPLETE_STATUS } from './autotask.picklists.js';
import type { Query } from './autotask.query.js';
import { actorOf, bodyOf, type ResourceRequest } from './autotask.request.js';
import {
  changedTicket,
  KEPT_FIELDS,
  newNote,
  newTicket,
  noteRecord,
  ticketRecord,
  type Writing,
} from './autotask.writes.js';

/** What a PUT sets where it says nothing. */
const PUT_DEFAULTS = {
  description: '',
  externalID: null,
  ...Object.fromEntries(KEPT_FIELDS.map((name) => [name, null])),
  userDefinedFields: [],
};

/** Tickets and TicketNotes. */
export class AutotaskTickets {
  constructor(
    private readonly store: TicketStore,
    private readonly users: UserStore,
    private readonly faults: FaultRegister,
    private readonly switches: Switches,
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

  getNote(id: number): Answer {
    for (const ticket of this.store.all('autotask'))
      for (const note of ticket.notes)
        if (note.id === id) return jsonAnswer(200, { item: noteRecord(ticket, note) });
    return jsonAnswer(200, { item: null });
  }

  create(request: ResourceRequest): Answer {
    const fields = bodyOf(request);
    const { requiredTicketField: required } = this.switches;
    if (required !== '' && fields[required] === undefined)
      throw refused(`Missing Required Field: ${required}. ; on record number [1].`);
    const ticket = newTicket(fields, this.store.newId(), this.writing(request));
    this.store.put(ticket, actorOf(request));
    return jsonAnswer(200, { itemId: ticket.id });
  }

  update(request: ResourceRequest): Answer {
    const fields = bodyOf(request);
    const ticket = this.find(fields['id']);
    const values = request.method === 'PUT' ? { ...PUT_DEFAULTS, ...fields } : fields;
    this.store.put(changedTicket(ticket, values, this.writing(request)), actorOf(request));
    return jsonAnswer(200, { itemId: ticket.id });
  }

  addNote(request: ResourceRequest, id: number): Answer {
    const ticket = this.store.get('autotask', id);
    if (!ticket)
      throw refused('Reference value on field: ticketID of type: Ticket does not exist or is invalid.');
    const fields = { ...bodyOf(request), ticketID: id };
    const note = newNote(fields, this.store.newId(), this.writing(request));
    const changed = { ...ticket, notes: [...ticket.notes, note], updatedAt: note.createdAt };
    this.store.put(changed, actorOf(request));
    return jsonAnswer(200, { itemId: note.id });
  }

  isClosing(body: unknown): boolean | null {
    const status = typeof body === 'object' && body !== null ? (body as EntityRecord)['status'] : undefined;
    return status === undefined ? null : Number(status) === COMPLETE_STATUS;
  }

  private writing({ resource }: ResourceRequest): Writing {
    return {
      now: this.clock.now(),
      resource,
      resources: this.users.resources(),
      needsDueDate: this.switches.autotaskNeedsDueDate,
    };
  }

  private find(id: unknown): SimTicket {
    const ticket = typeof id === 'number' ? this.store.get('autotask', id) : undefined;
    if (!ticket) throw refused(`No matching records found for id [${String(id)}].`);
    return ticket;
  }
}
