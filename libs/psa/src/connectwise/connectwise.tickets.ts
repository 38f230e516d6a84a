import { toWellFormedText, type Severity } from '@backhaul/domain';
import { unsent } from '../calls/unsent.js';
import { checkConnection } from '../connection-check.js';
import { PsaError } from '../psa-error.js';
import { fitSummary } from '../summary.js';
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
import { closingStatus, openStatus } from './board-status.js';
import { equals } from './conditions.js';
import { needSolution, readVersion } from './connectwise.checks.js';
import { ConnectWiseClient } from './connectwise.client.js';
import type {
  NewTicketBody,
  NoteRecord,
  PatchOperation,
  StatusRecord,
  TicketRecord,
} from './connectwise.types.js';

const MAX_SUMMARY = 100;
const PAGE = 1_000;
const SEVERITIES: Record<Severity, NewTicketBody['severity']> = {
  ERROR: 'High',
  WARNING: 'Medium',
  OK: 'Low',
};

/**
 * Searches read the database itself, so they lag by seconds. A create has been seen to commit five minutes after its
 * caller gave up: too long to hold every doubtful ticket back, so the caller's reconciler has to catch those.
 * Throttling starts at about 1,000 requests a minute.
 */
const LIMITS = { searchLagMs: 10_000, maxRequestsPerMinute: 900, maxConcurrent: 8, maxSummary: MAX_SUMMARY };

export function createConnectWiseTickets(options: TicketPortOptions): TicketPort {
  return new ConnectWiseTickets(options);
}

/** Service tickets of ConnectWise Manage; our marker stands in `externalXRef`. */
class ConnectWiseTickets implements TicketPort {
  readonly capabilities;
  private readonly client: ConnectWiseClient;

  constructor(private readonly options: TicketPortOptions) {
    this.capabilities = capabilitiesOf(options, LIMITS);
    this.client = new ConnectWiseClient(options);
  }

  /** On every board and whatever the status: a moved or closed ticket is still ours. */
  async findByMarker(marker: string, signal: AbortSignal): Promise<PsaTicket[]> {
    const query = { conditions: equals('externalXRef', marker), orderBy: 'id asc', pageSize: PAGE };
    const found = await this.client.get('/service/tickets', query, signal);
    return listOf<TicketRecord>(found).map((record) => this.toTicket(record));
  }

  async create(ticket: NewTicket, signal: AbortSignal): Promise<PsaTicket> {
    const body = this.bodyOf(ticket);
    const post = (fields: NewTicketBody): Promise<unknown> =>
      this.client.post('/service/tickets', fields, signal);
    try {
      return this.toTicket(await post(body));
    } catch (error) {
      const { priority, ...rest } = body;
      if (priority === undefined || !(error instanceof PsaError) || !isOf(error, 'priority')) throw error;
      // It is gone from the PSA: better a ticket with the PSA's own than none (D27).
      return { ...this.toTicket(await post(rest)), warning: 'priority_replaced' };
    }
  }

  async get(id: string, signal: AbortSignal): Promise<PsaTicket | null> {
    const record = await this.read(id, signal);
    return record === null ? null : this.toTicket(record);
  }

  async addNote(id: string, text: string, signal: AbortSignal, options?: NoteOptions): Promise<void> {
    const path = `/service/tickets/${psaId(id)}/notes`;
    const note = toWellFormedText(text);
    if (options?.isRetry === true && (await unsent(() => this.hasNote(path, note, signal)))) return;
    const body = { text: note, internalAnalysisFlag: true, processNotifications: false };
    toRecord(await this.client.post(path, body, signal));
  }

  async close(id: string, note: string, signal: AbortSignal, options?: NoteOptions): Promise<PsaTicket> {
    const { completeStatusId } = this.options.ticketing;
    return this.move(id, note, signal, options, true, (statuses) =>
      closingStatus(statuses, completeStatusId),
    );
  }

  async reopen(id: string, note: string, signal: AbortSignal, options?: NoteOptions): Promise<PsaTicket> {
    const { newStatusId } = this.options.ticketing;
    return this.move(id, note, signal, options, false, (statuses) => openStatus(statuses, newStatusId));
  }

  testConnection(signal: AbortSignal): Promise<ConnectionCheck> {
    const one = { pageSize: 1 };
    return checkConnection({
      version: () => readVersion(this.client, signal),
      boards: () => this.client.get('/service/boards', one, signal),
      companies: () =>
        this.client.get('/company/companies', { ...one, conditions: equals('deletedFlag', false) }, signal),
      tickets: () => this.client.get('/service/tickets', one, signal),
      solution: () => needSolution(this.client, this.options.endpoint['solutionName'] ?? '', signal),
    });
  }

  /** Status first: repeating it is harmless, so every failure may be tried again without a second note. */
  private async move(
    id: string,
    note: string,
    signal: AbortSignal,
    options: NoteOptions | undefined,
    isClosed: boolean,
    choose: (statuses: StatusRecord[]) => StatusRecord | null,
  ): Promise<PsaTicket> {
    const record = await unsent(() => this.read(id, signal));
    if (record === null) throw new PsaError({ outcome: 'definitive', reason: 'not_found', status: 404 });
    const isDone = (record.closedFlag === true) === isClosed;
    const moved = isDone ? record : await this.patchStatus(record, isClosed, choose, signal);
    await this.addNote(id, note, signal, options);
    return this.toTicket(moved);
  }

  private async patchStatus(
    { id, board }: TicketRecord,
    isClosed: boolean,
    choose: (statuses: StatusRecord[]) => StatusRecord | null,
    signal: AbortSignal,
  ): Promise<TicketRecord> {
    const path = `/service/boards/${board?.id ?? 0}/statuses`;
    const status = choose(listOf(await unsent(() => this.client.get(path, { pageSize: PAGE }, signal))));
    if (status === null) throw new PsaError({ outcome: 'definitive', reason: 'setting_missing' });
    const change: PatchOperation[] = [{ op: 'replace', path: 'status', value: { id: status.id } }];
    const changed = toRecord(await this.client.patch(`/service/tickets/${id}`, change, signal));
    // A 200 may have changed nothing: only the returned record counts.
    if ((changed.closedFlag === true) !== isClosed) {
      throw new PsaError({ outcome: 'definitive', reason: 'change_ignored' });
    }
    return changed;
  }

  private async read(id: string, signal: AbortSignal): Promise<TicketRecord | null> {
    try {
      return toRecord(await this.client.get(`/service/tickets/${psaId(id)}`, {}, signal));
    } catch (error) {
      if (error instanceof PsaError && error.reason === 'not_found') return null;
      throw error;
    }
  }

  private async hasNote(path: string, text: string, signal: AbortSignal): Promise<boolean> {
    const notes = await this.client.get(path, { orderBy: 'id desc', pageSize: PAGE }, signal);
    return listOf<NoteRecord>(notes).some((note) => note.text?.trim() === text.trim());
  }

  private bodyOf(ticket: NewTicket): NewTicketBody {
    const { boardId, newStatusId, priorityId, subjectPrefix } = this.options.ticketing;
    return {
      summary: fitSummary(subjectPrefix, toWellFormedText(ticket.summary), MAX_SUMMARY),
      company: { id: Number(psaId(ticket.companyId)) },
      initialDescription: toWellFormedText(ticket.description),
      externalXRef: ticket.marker,
      severity: SEVERITIES[ticket.severity],
      ...(boardId === undefined ? {} : { board: { id: boardId } }),
      ...(newStatusId === undefined ? {} : { status: { id: newStatusId } }),
      ...(priorityId === undefined ? {} : { priority: { id: priorityId } }),
    };
  }

  private toTicket(answer: unknown): PsaTicket {
    const record = toRecord(answer);
    return {
      id: String(record.id),
      number: String(record.id),
      isClosed: record.closedFlag === true,
      marker: record.externalXRef ?? null,
      url: this.client.ticketUrl(record.id),
      createdAt: record._info?.dateEntered ?? null,
      mergedInto: record.mergedParentTicket ? String(record.mergedParentTicket.id) : null,
      parentId: typeof record.parentTicketId === 'number' ? String(record.parentTicketId) : null,
      placeId: record.board ? String(record.board.id) : null,
    };
  }
}

/** Whether the PSA refused for what stands in this reference, as in `priority/id: priority 77 not found`. */
function isOf({ reason, vendorMessages }: PsaError, field: string): boolean {
  return reason === 'invalid_field' && vendorMessages.some((text) => text.startsWith(`${field}/`));
}

/** A record without an id is no success, whatever its status said. */
function toRecord(answer: unknown): TicketRecord {
  const id = typeof answer === 'object' && answer !== null ? (answer as { id?: unknown }).id : undefined;
  if (!Number.isSafeInteger(id) || Number(id) < 1)
    throw new PsaError({ outcome: 'unknown', reason: 'no_id' });
  return answer as TicketRecord;
}

function listOf<T>(answer: unknown): T[] {
  if (!Array.isArray(answer)) throw new PsaError({ outcome: 'unknown', reason: 'unreadable_answer' });
  return answer as T[];
}
