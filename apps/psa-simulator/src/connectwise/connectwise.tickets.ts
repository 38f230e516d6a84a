import { systemClock, type Clock } from '@backhaul/domain';
import type { FaultRegister } from '../faults/fault-register.js';
import type { TicketStore } from '../tickets/ticket-store.js';
import { vendorTime, type SimNote, type SimTicket } from '../tickets/ticket.js';
import { emptyAnswer, jsonAnswer, type Answer } from '../vendor/answer.js';
import type { VendorRequest } from '../vendor/vendor-surface.js';
import { requiredText, type VendorRecord } from './condition-match.js';
import { fieldError, invalidObject, missingField, notFound, Refusal } from './connectwise.answers.js';
import { STATUSES } from './connectwise.data.js';
import { pageAnswer, readConditions, selected } from './connectwise.lists.js';
import { patchedFields } from './connectwise.patch.js';
import { noteRecord, ticketRecord } from './connectwise.records.js';
import { changedTicket, newTicket, statusId, type Fields } from './connectwise.writes.js';

const TICKET_FIELDS = new Set(
  [
    'id', 'summary', 'recordType', 'board', 'status', 'company', 'priority', 'externalXRef', 'severity', 'impact',
    'poNumber', 'siteName', 'contactName', 'closedDate', 'closedBy', 'closedFlag', 'parentTicketId',
    'mergedParentTicket', 'customerUpdatedFlag', '_info', 'dateEntered', 'lastUpdated',
  ].map((name) => name.toLowerCase()),
); // prettier-ignore
const NOTE_FIELDS = new Set([
  'id',
  'ticketid',
  'text',
  'internalanalysisflag',
  'detaildescriptionflag',
  'datecreated',
]);
const NOTE_FLAGS = ['detailDescriptionFlag', 'internalAnalysisFlag', 'resolutionFlag'];

/** Tickets and their notes, as the service module has them. */
export class ConnectWiseTickets {
  constructor(
    private readonly store: TicketStore,
    private readonly faults: FaultRegister,
    private readonly clock: Clock = systemClock,
  ) {}

  list(request: VendorRequest, conditions = request.query['conditions']): Answer {
    return pageAnswer(request, this.search(conditions));
  }

  count(request: VendorRequest): Answer {
    return jsonAnswer(200, { count: this.search(request.query['conditions']).length });
  }

  searchByBody(request: VendorRequest): Answer {
    const { conditions } = objectOf(request, 'search');
    return this.list(request, typeof conditions === 'string' ? conditions : undefined);
  }

  get(id: number): Answer {
    return jsonAnswer(200, ticketRecord(this.find(id)));
  }

  create(request: VendorRequest): Answer {
    const fields = objectOf(request, 'ticket');
    const ticket = newTicket(fields, this.store.newId(), this.clock.now());
    this.store.put(ticket);
    return jsonAnswer(201, ticketRecord(ticket));
  }

  patch(request: VendorRequest, id: number): Answer {
    const ticket = this.find(id);
    if (request.hasInvalidJson) throw unreadable('ticket');
    return this.saved(changedTicket(ticket, patchedFields(request.body), this.clock.now()));
  }

  /** Unspecified fields fall back to their defaults. */
  replace(request: VendorRequest, id: number): Answer {
    const ticket = this.find(id);
    const fresh = newTicket(objectOf(request, 'ticket'), id, this.clock.now());
    const { createdAt, createdAtMs, description, notes } = ticket;
    return this.saved({ ...fresh, createdAt, createdAtMs, description, notes });
  }

  delete(id: number): Answer {
    this.store.delete('connectwise', this.find(id).id);
    return emptyAnswer(204);
  }

  notes(request: VendorRequest, id: number): Answer {
    return pageAnswer(request, this.noteRecords(request, id));
  }

  noteCount(request: VendorRequest, id: number): Answer {
    return jsonAnswer(200, { count: this.noteRecords(request, id).length });
  }

  addNote(request: VendorRequest, id: number): Answer {
    const ticket = this.find(id);
    const { text, ...fields } = objectOf(request, 'serviceNote');
    if (typeof text !== 'string' || text === '')
      throw invalidObject('serviceNote', [missingField('serviceNote', 'text')]);
    if (!NOTE_FLAGS.some((flag) => fields[flag] === true)) {
      const message = 'Choose where the note is displayed: discussion, internal or resolution.';
      throw invalidObject('serviceNote', [
        fieldError('InvalidField', message, 'serviceNote', 'detailDescriptionFlag'),
      ]);
    }
    const now = vendorTime(this.clock.now());
    const note: SimNote = { id: this.store.newId(), text, createdAt: now, createdBy: 'backhaul', fields };
    this.store.put({ ...ticket, notes: [...ticket.notes, note], updatedAt: now });
    return jsonAnswer(201, noteRecord(ticket, note));
  }

  merge(request: VendorRequest, parentId: number): Answer {
    const parent = this.find(parentId);
    const { mergeTicketIds, status } = objectOf(request, 'merge');
    const ids = Array.isArray(mergeTicketIds) ? mergeTicketIds.map(Number) : [];
    for (const child of ids.map((id) => this.find(id))) {
      const closing = STATUSES.find(({ id }) => id === statusId(status, child.boardId));
      if (!closing?.closedStatus)
        return jsonAnswer(200, { success: false, message: 'The status must be a closed one.' });
      const closed = changedTicket(child, { status: { id: closing.id } }, this.clock.now());
      this.store.put({ ...closed, mergedInto: parent.id, parentId: parent.id });
    }
    return jsonAnswer(200, { success: true, message: 'Merged' });
  }

  isClosing(id: number, body: unknown): boolean | null {
    const ticket = this.store.get('connectwise', id);
    if (!ticket || !Array.isArray(body)) return null;
    const change = (body as Fields[]).find((operation) => operation?.['path'] === 'status');
    const wanted = (change?.['value'] as { id?: unknown } | null | undefined)?.id;
    return STATUSES.find((status) => status.id === wanted)?.closedStatus ?? null;
  }

  private saved(ticket: SimTicket): Answer {
    this.store.put(ticket);
    return jsonAnswer(200, ticketRecord(ticket));
  }

  private search(text: string | undefined): VendorRecord[] {
    const condition = readConditions(text);
    const marker = condition === null ? null : requiredText(condition, 'externalXRef');
    const candidates =
      marker === null ? this.store.all('connectwise') : this.store.withMarker('connectwise', marker);
    const seenBefore = this.clock.now().getTime() - this.faults.searchLagMs('connectwise');
    const indexed = candidates.filter(({ createdAtMs }) => createdAtMs <= seenBefore);
    return selected(indexed.map(ticketRecord), condition, TICKET_FIELDS);
  }

  private noteRecords(request: VendorRequest, id: number): VendorRecord[] {
    const ticket = this.find(id);
    const records = ticket.notes.map((note) => noteRecord(ticket, note));
    return selected(records, readConditions(request.query['conditions']), NOTE_FIELDS);
  }

  private find(id: number): SimTicket {
    const ticket = this.store.get('connectwise', id);
    if (!ticket) throw new Refusal(notFound(`Ticket ${id}`));
    return ticket;
  }
}

function objectOf(request: VendorRequest, entity: string): Fields {
  const { body } = request;
  if (request.hasInvalidJson || typeof body !== 'object' || body === null || Array.isArray(body))
    throw unreadable(entity);
  return body as Fields;
}

function unreadable(entity: string): Refusal {
  return invalidObject(entity, [fieldError('InvalidBody', 'The body is no JSON object.', entity, 'body')]);
}
