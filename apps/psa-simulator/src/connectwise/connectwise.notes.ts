import { systemClock, type Clock } from '@backhaul/domain';
import type { TicketStore } from '../tickets/ticket-store.js';
import { vendorTime, type SimNote, type SimTicket } from '../tickets/ticket.js';
import { emptyAnswer, jsonAnswer, type Answer } from '../vendor/answer.js';
import type { VendorRecord } from './condition-match.js';
import { fieldError, invalidObject, missingField, notFound, Refusal } from './connectwise.answers.js';
import { pageAnswer, readConditions, selected } from './connectwise.lists.js';
import { noteRecord } from './connectwise.records.js';
import type { Fields } from './connectwise.references.js';
import { actorOf, objectOf, type MemberRequest } from './connectwise.request.js';
import { shownTicket } from './connectwise.tickets.js';

const NOTE_FIELDS = new Set([
  'id',
  'ticketid',
  'text',
  'internalanalysisflag',
  'detaildescriptionflag',
  'resolutionflag',
  'datecreated',
]);
const NOTE_FLAGS = ['detailDescriptionFlag', 'internalAnalysisFlag', 'resolutionFlag'];

/** Notes of service tickets. */
export class ConnectWiseNotes {
  constructor(
    private readonly store: TicketStore,
    private readonly clock: Clock = systemClock,
  ) {}

  list(request: MemberRequest, id: number): Answer {
    return pageAnswer(request, this.records(request, id));
  }

  count(request: MemberRequest, id: number): Answer {
    return jsonAnswer(200, { count: this.records(request, id).length });
  }

  get(ticketId: number, noteId: number): Answer {
    const ticket = shownTicket(this.store, ticketId);
    return jsonAnswer(200, noteRecord(ticket, noteOf(ticket, noteId)));
  }

  add(request: MemberRequest, id: number): Answer {
    const ticket = shownTicket(this.store, id);
    const { text, ...fields } = checkedNote(objectOf(request, 'serviceNote'));
    const now = vendorTime(this.clock.now());
    const createdBy = request.member.identifier;
    const note: SimNote = { id: this.store.newId(), text, createdAt: now, createdBy, fields };
    this.store.put({ ...ticket, notes: [...ticket.notes, note], updatedAt: now }, actorOf(request));
    return jsonAnswer(201, noteRecord(ticket, note));
  }

  /** `text` and the flags may be set; anything else is accepted and ignored. */
  patch(request: MemberRequest, ticketId: number, noteId: number): Answer {
    const ticket = shownTicket(this.store, ticketId);
    const note = noteOf(ticket, noteId);
    if (!Array.isArray(request.body)) throw invalidObject('serviceNote', [missingField('serviceNote', 'op')]);
    const operations = (request.body as Fields[]).map((operation) => [operation['path'], operation['value']]);
    const set = Object.fromEntries(
      operations.filter(([path]) => path === 'text' || NOTE_FLAGS.includes(String(path))),
    ) as Fields;
    const { text, ...fields } = checkedNote({ ...note.fields, text: note.text, ...set });
    return this.replaced(request, ticket, { ...note, text, fields });
  }

  delete(request: MemberRequest, ticketId: number, noteId: number): Answer {
    const ticket = shownTicket(this.store, ticketId);
    const note = noteOf(ticket, noteId);
    const notes = ticket.notes.filter((each) => each !== note);
    const updatedAt = vendorTime(this.clock.now());
    this.store.put({ ...ticket, notes, updatedAt }, actorOf(request));
    return emptyAnswer(204);
  }

  private replaced(request: MemberRequest, ticket: SimTicket, note: SimNote): Answer {
    const notes = ticket.notes.map((each) => (each.id === note.id ? note : each));
    const updatedAt = vendorTime(this.clock.now());
    this.store.put({ ...ticket, notes, updatedAt }, actorOf(request));
    return jsonAnswer(200, noteRecord(ticket, note));
  }

  private records(request: MemberRequest, id: number): VendorRecord[] {
    const ticket = shownTicket(this.store, id);
    const records = ticket.notes.map((note) => noteRecord(ticket, note));
    return selected(records, readConditions(request.query['conditions']), NOTE_FIELDS);
  }
}

/** @throws Refusal of a note without a text or a place where it is shown */
function checkedNote(fields: Fields): Fields & { text: string } {
  const { text } = fields;
  if (typeof text !== 'string' || text === '')
    throw invalidObject('serviceNote', [missingField('serviceNote', 'text')]);
  if (!NOTE_FLAGS.some((flag) => fields[flag] === true)) {
    const message = 'Choose where the note is displayed: discussion, internal or resolution.';
    throw invalidObject('serviceNote', [
      fieldError('InvalidField', message, 'serviceNote', 'detailDescriptionFlag'),
    ]);
  }
  return { ...fields, text };
}

function noteOf(ticket: SimTicket, id: number): SimNote {
  const note = ticket.notes.find((candidate) => candidate.id === id);
  if (!note) throw new Refusal(notFound(`Note ${id}`));
  return note;
}
