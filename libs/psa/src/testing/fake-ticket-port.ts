import { PsaError } from '../psa-error.js';
import { fitSummary } from '../summary.js';
import {
  psaId,
  type NewTicket,
  type PsaTicket,
  type TicketPort,
  type TicketingOptions,
} from '../ticket-port.js';

interface FakeTicket extends PsaTicket {
  summary: string;
  notes: string[];
}

/** A PSA in memory for the tests of what calls a port; it passes the same contract as the real ones. */
export class FakePsa {
  readonly tickets = new Map<string, FakeTicket>();
  private nextId = 1;

  constructor(private readonly companies: string[] = ['250']) {}

  port(ticketing: TicketingOptions = {}): TicketPort {
    return {
      capabilities: {
        searchLagMs: 0,
        requestTimeoutMs: 1_000,
        maxRequestsPerMinute: 6_000,
        maxConcurrent: 4,
        maxSummary: 100,
      },
      findByMarker: async (marker) =>
        [...this.tickets.values()].filter((t) => t.marker === marker).map(toTicket),
      create: async (ticket) => toTicket(this.create(ticket, ticketing)),
      get: async (id) => {
        const found = this.tickets.get(psaId(id));
        return found ? toTicket(found) : null;
      },
      addNote: async (id, text, _signal, options) => this.note(id, text, options?.isRetry === true),
      close: async (id, note, _signal, options) => this.move(id, note, options?.isRetry === true, true),
      reopen: async (id, note, _signal, options) => this.move(id, note, options?.isRetry === true, false),
      testConnection: async () => ({
        isOk: true,
        version: 'fake',
        steps: [{ name: 'version', isOk: true, reason: null }],
      }),
    };
  }

  find(id: string): FakeTicket {
    const found = this.tickets.get(psaId(id));
    if (!found) throw new PsaError({ outcome: 'definitive', reason: 'not_found' });
    return found;
  }

  private create(ticket: NewTicket, { subjectPrefix, queueId }: TicketingOptions): FakeTicket {
    if (queueId === null) throw new PsaError({ outcome: 'definitive', reason: 'do_not_map' });
    if (!this.companies.includes(ticket.companyId)) {
      throw new PsaError({ outcome: 'definitive', reason: 'invalid_field' });
    }
    const id = String(this.nextId++);
    const made: FakeTicket = {
      id,
      number: id,
      isClosed: false,
      marker: ticket.marker,
      url: `http://fake.example/${id}`,
      createdAt: new Date(0).toISOString(),
      mergedInto: null,
      parentId: null,
      placeId: '1',
      summary: fitSummary(subjectPrefix, ticket.summary, 100),
      notes: [],
    };
    this.tickets.set(id, made);
    return made;
  }

  private note(id: string, text: string, isRetry: boolean): void {
    const { notes } = this.find(id);
    if (!isRetry || !notes.includes(text)) notes.push(text);
  }

  private move(id: string, note: string, isRetry: boolean, isClosed: boolean): PsaTicket {
    const found = this.find(id);
    found.isClosed = isClosed;
    this.note(id, note, isRetry);
    return toTicket(found);
  }
}

function toTicket({
  id,
  number,
  isClosed,
  marker,
  url,
  createdAt,
  mergedInto,
  parentId,
  placeId = null,
}: FakeTicket): PsaTicket {
  return { id, number, isClosed, marker, url, createdAt, mergedInto, parentId, placeId };
}
