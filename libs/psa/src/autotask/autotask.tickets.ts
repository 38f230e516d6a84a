import { systemClock, toWellFormedText } from '@backhaul/domain';
import { unsent } from '../calls/unsent.js';
import { checkConnection } from '../connection-check.js';
import { PsaError } from '../psa-error.js';
import { cutHard, fitSummary } from '../summary.js';
import {
  capabilitiesOf,
  psaId,
  type ConnectionCheck,
  type NewTicket,
  type NoteOptions,
  type PsaTicket,
  type TicketPort,
  type TicketPortOptions,
} from '../ticket-port.js';
import { AutotaskChoices } from './autotask.choices.js';
import { AutotaskClient } from './autotask.client.js';
import { AutotaskPicklists } from './autotask.picklists.js';
import type { FilterItem, NewTicketBody, NoteBody, NoteRecord, TicketRecord } from './autotask.types.js';

const MAX_TITLE = 255;
const MAX_DESCRIPTION = 8_000;
const MAX_NOTE = 32_000;
const MAX_RECORDS = 500;
const DUE_MS = 86_400_000;
const NOTE_TITLE = 'Backup monitoring';

/**
 * The vendor lets a request run for five minutes: what commits later than the settle time, the caller's reconciler has
 * to catch. 10,000 requests an hour are shared with every other integration of the database, and answers slow down from
 * half of it; two of three threads are safe.
 */
const LIMITS = { searchLagMs: 10_000, maxRequestsPerMinute: 80, maxConcurrent: 2, maxSummary: MAX_TITLE };

export function createAutotaskTickets(options: TicketPortOptions): TicketPort {
  return new AutotaskTickets(options);
}

/** Tickets of Autotask PSA; our marker stands in `externalID`. */
class AutotaskTickets implements TicketPort {
  readonly capabilities;
  private readonly client: AutotaskClient;
  private readonly picklists: AutotaskPicklists;
  private readonly choices: AutotaskChoices;

  constructor(private readonly options: TicketPortOptions) {
    this.capabilities = capabilitiesOf(options, LIMITS);
    this.client = new AutotaskClient(options);
    this.picklists = new AutotaskPicklists(this.client);
    this.choices = new AutotaskChoices(options.ticketing, this.picklists);
  }

  async findByMarker(marker: string, signal: AbortSignal): Promise<PsaTicket[]> {
    const found = await this.query<TicketRecord>(
      'Tickets',
      { op: 'eq', field: 'externalID', value: marker },
      signal,
    );
    const complete = await this.choices.completeStatuses(signal);
    return found.toSorted((a, b) => a.id - b.id).map((record) => this.toTicket(record, complete));
  }

  async create(ticket: NewTicket, signal: AbortSignal): Promise<PsaTicket> {
    const { id, warning } = await this.send(ticket, signal);
    // The ticket stands, whatever happens to this look at it.
    const created = await this.get(String(id), signal).catch(() => null);
    return { ...(created ?? this.toTicket({ id, externalID: ticket.marker }, new Set())), ...warning };
  }

  async get(id: string, signal: AbortSignal): Promise<PsaTicket | null> {
    const record = await this.read(id, signal);
    return record === null ? null : this.toTicket(record, await this.choices.completeStatuses(signal));
  }

  async addNote(id: string, text: string, signal: AbortSignal, options?: NoteOptions): Promise<void> {
    const ticketID = Number(psaId(id));
    const description = cutHard(toWellFormedText(text), MAX_NOTE);
    if (options?.isRetry === true && (await unsent(() => this.hasNote(ticketID, description, signal))))
      return;
    const lists = await unsent(() => this.choices.note(signal));
    const body: NoteBody = { ticketID, title: NOTE_TITLE, description, ...lists };
    itemId(await this.client.post(`/Tickets/${ticketID}/Notes`, body, signal));
  }

  async close(id: string, note: string, signal: AbortSignal, options?: NoteOptions): Promise<PsaTicket> {
    return this.move(id, note, signal, options, true);
  }

  async reopen(id: string, note: string, signal: AbortSignal, options?: NoteOptions): Promise<PsaTicket> {
    return this.move(id, note, signal, options, false);
  }

  testConnection(signal: AbortSignal): Promise<ConnectionCheck> {
    const everything: FilterItem = { op: 'exist', field: 'id' };
    return checkConnection({
      version: async () => {
        await this.client.get('/ThresholdInformation', signal);
        return null;
      },
      ticketRights: () => this.needRight('Tickets', ['canCreate', 'canUpdate', 'canQuery'], signal),
      noteRights: () => this.needRight('TicketNotes', ['canCreate'], signal),
      companies: () => this.query('Companies', everything, signal, 1),
    });
  }

  /** Status first: repeating it is harmless, so every failure may be tried again without a second note. */
  private async move(
    id: string,
    note: string,
    signal: AbortSignal,
    options: NoteOptions | undefined,
    isClosed: boolean,
  ): Promise<PsaTicket> {
    const before = await unsent(() => this.get(id, signal));
    if (before === null) throw new PsaError({ outcome: 'definitive', reason: 'not_found' });
    const moved = before.isClosed === isClosed ? before : await this.patchStatus(id, isClosed, signal);
    await this.addNote(id, note, signal, options);
    return moved;
  }

  /** On the collection: this vendor has no PATCH on a single ticket. */
  private async patchStatus(id: string, isClosed: boolean, signal: AbortSignal): Promise<PsaTicket> {
    const status = await unsent(() =>
      isClosed ? this.choices.completeStatus(signal) : this.choices.newStatus(signal),
    );
    itemId(await this.client.patch('/Tickets', { id: Number(psaId(id)), status }, signal));
    const after = await this.get(id, signal);
    if (after?.isClosed !== isClosed) throw new PsaError({ outcome: 'definitive', reason: 'change_ignored' });
    return after;
  }

  /** Once more with fresh picklists where a list that we had kept may be why the ticket was refused. */
  private async send(
    ticket: NewTicket,
    signal: AbortSignal,
  ): Promise<{ id: number; warning: Pick<PsaTicket, 'warning'> }> {
    const hadLists = this.picklists.isKnown('Tickets');
    const body = await unsent(() => this.bodyOf(ticket, signal));
    const post = async (fields: NewTicketBody) => {
      const id = itemId(await this.client.post('/Tickets', fields, signal));
      const isReplaced = (this.options.ticketing.priorityId ?? fields.priority) !== fields.priority;
      return { id, warning: isReplaced ? { warning: 'priority_replaced' as const } : {} };
    };
    try {
      return await post(body);
    } catch (error) {
      if (!(error instanceof PsaError) || error.reason !== 'invalid_field') throw error;
      this.picklists.forget();
      const fresh = await unsent(() => this.bodyOf(ticket, signal));
      const isSame =
        fresh.status === body.status && fresh.priority === body.priority && fresh.queueID === body.queueID;
      if (!hadLists || isSame) throw error;
      return post(fresh);
    }
  }

  private async bodyOf(ticket: NewTicket, signal: AbortSignal): Promise<NewTicketBody> {
    const queueID = await this.choices.queue(signal);
    const due = new Date((this.options.now?.() ?? systemClock.now()).getTime() + DUE_MS);
    const titleLength = await this.picklists.lengthOf('Tickets', 'title', MAX_TITLE, signal);
    const descriptionLength = await this.picklists.lengthOf(
      'Tickets',
      'description',
      MAX_DESCRIPTION,
      signal,
    );
    return {
      companyID: Number(psaId(ticket.companyId)),
      title: fitSummary(this.options.ticketing.subjectPrefix, toWellFormedText(ticket.summary), titleLength),
      description: cutHard(toWellFormedText(ticket.description), descriptionLength),
      status: await this.choices.newStatus(signal),
      priority: await this.choices.priority(signal),
      queueID,
      dueDateTime: due.toISOString().replace(/\.\d{3}Z$/, 'Z'),
      externalID: ticket.marker,
    };
  }

  /** A missing ticket is 200 with a null item. */
  private async read(id: string, signal: AbortSignal): Promise<TicketRecord | null> {
    const answer = await this.client.get(`/Tickets/${psaId(id)}`, signal);
    const item =
      typeof answer === 'object' && answer !== null ? (answer as { item?: unknown }).item : undefined;
    if (item === undefined) throw new PsaError({ outcome: 'unknown', reason: 'unreadable_answer' });
    return item === null ? null : recordOf(item);
  }

  private async query<T>(
    entity: string,
    item: FilterItem,
    signal: AbortSignal,
    maxRecords = MAX_RECORDS,
  ): Promise<T[]> {
    const answer = await this.client.post(
      `/${entity}/query`,
      { MaxRecords: maxRecords, Filter: [item] },
      signal,
    );
    const items = (answer as { items?: unknown } | null)?.items;
    if (!Array.isArray(items)) throw new PsaError({ outcome: 'unknown', reason: 'unreadable_answer' });
    return items as T[];
  }

  private async hasNote(ticketId: number, text: string, signal: AbortSignal): Promise<boolean> {
    const notes = await this.query<NoteRecord>(
      'TicketNotes',
      { op: 'eq', field: 'ticketID', value: ticketId },
      signal,
    );
    return notes.some((note) => note.description?.trim() === text.trim());
  }

  private async needRight(entity: string, rights: string[], signal: AbortSignal): Promise<void> {
    const answer = (await this.client.get(`/${entity}/entityInformation`, signal)) as {
      info?: Record<string, unknown>;
    } | null;
    const isMissing = rights.some((right) => answer?.info?.[right] !== true);
    if (isMissing) throw new PsaError({ outcome: 'definitive', reason: 'forbidden' });
  }

  private toTicket(record: TicketRecord, complete: Set<number>): PsaTicket {
    return {
      id: String(record.id),
      number: record.ticketNumber ?? String(record.id),
      isClosed: record.status !== undefined && complete.has(record.status),
      marker: record.externalID === undefined || record.externalID === '' ? null : record.externalID,
      url: this.client.ticketUrl(record.id),
      createdAt: record.createDate ?? null,
      mergedInto: null,
      parentId: typeof record.problemTicketId === 'number' ? String(record.problemTicketId) : null,
      placeId: typeof record.queueID === 'number' ? String(record.queueID) : null,
    };
  }
}

/** An answer to a write without the id is no success, whatever its status said. */
function itemId(answer: unknown): number {
  const id =
    typeof answer === 'object' && answer !== null ? (answer as { itemId?: unknown }).itemId : undefined;
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 1)
    throw new PsaError({ outcome: 'unknown', reason: 'no_id' });
  return id;
}

function recordOf(item: unknown): TicketRecord {
  const id = typeof item === 'object' && item !== null ? (item as { id?: unknown }).id : undefined;
  if (typeof id !== 'number') throw new PsaError({ outcome: 'unknown', reason: 'no_id' });
  return item as TicketRecord;
}
