import { PsaError, type PsaOutcome, type PsaTicket, type TicketPort } from '@backhaul/psa';
import type { Random } from './random.js';

interface Ticket extends PsaTicket {
  /** Virtual milliseconds: from when it exists, and from when a search shows it. */
  existsAt: number;
  foundAt: number;
  isDeleted: boolean;
}

export interface PsaSettings {
  requestTimeoutMs: number;
  /** What the port claims; the true lag of a ticket is at most `trueLagMs`. */
  searchLagMs: number;
  trueLagMs: number;
  /** Of one call, 0 to 1. */
  faults: number;
}

const REASONS = {
  not_sent: 'refused',
  unknown: 'connection_lost',
  retry_after: 'rate_limited',
  definitive: 'invalid_field',
  credential: 'unauthorized',
} as const;

const failure = (outcome: PsaOutcome): PsaError =>
  new PsaError({ outcome, reason: REASONS[outcome], retryAfterMs: outcome === 'retry_after' ? 2000 : null });

/**
 * A PSA that loses replies, commits late, refuses and whose searches lag. A gate stands before each read and after each
 * write: between the look at the lease and the write none can stand, which is the limit of every such protocol.
 */
export class SimulatedPsa {
  readonly tickets: Ticket[] = [];
  isWell = false;

  constructor(
    private readonly random: Random,
    private readonly clock: { now: number },
    private readonly settings: PsaSettings,
  ) {}

  port(gate: () => Promise<void>): TicketPort {
    const { requestTimeoutMs, searchLagMs } = this.settings;
    return {
      capabilities: {
        requestTimeoutMs,
        searchLagMs,
        maxRequestsPerMinute: 600,
        maxConcurrent: 4,
        maxSummary: 100,
      },
      findByMarker: (marker) =>
        this.read(gate, () =>
          this.tickets.filter((t) => t.marker === marker && !t.isDeleted && t.foundAt <= this.clock.now),
        ),
      get: (id) => this.read(gate, () => this.existing(id)),
      create: async ({ marker }) => this.create(gate, marker),
      addNote: (id) => this.write(gate, id, () => undefined).then(() => undefined),
      close: (id) => this.write(gate, id, (ticket) => (ticket.isClosed = true)),
      reopen: (id) => this.write(gate, id, (ticket) => (ticket.isClosed = false)),
      testConnection: async () => ({ isOk: true, version: null, steps: [] }),
    };
  }

  private existing(id: string): Ticket | null {
    return this.tickets.find((t) => t.id === id && !t.isDeleted && t.existsAt <= this.clock.now) ?? null;
  }

  private async read<T>(gate: () => Promise<void>, answer: () => T): Promise<T> {
    await gate();
    if (this.fails()) throw failure(this.random.chance(0.5) ? 'not_sent' : 'unknown');
    const value = answer();
    return (Array.isArray(value) ? value.map((item: object) => ({ ...item })) : value) as T;
  }

  private async create(gate: () => Promise<void>, marker: string): Promise<PsaTicket> {
    const { now } = this.clock;
    const outcome = this.outcome();
    if (outcome !== 'ok' && outcome !== 'lost') throw await this.refusal(gate, outcome);
    // A reply that is lost says nothing of when the PSA got round to it.
    const existsAt = outcome === 'lost' ? now + this.random.below(this.settings.requestTimeoutMs) : now;
    const ticket: Ticket = {
      id: String(this.tickets.length + 1),
      number: String(this.tickets.length + 1),
      isClosed: false,
      marker,
      url: null,
      createdAt: null,
      mergedInto: null,
      parentId: null,
      existsAt,
      foundAt: existsAt + this.random.below(this.settings.trueLagMs + 1),
      isDeleted: false,
    };
    this.tickets.push(ticket);
    await gate();
    if (outcome === 'lost' || this.clock.now > now + this.settings.requestTimeoutMs) throw failure('unknown');
    return { ...ticket };
  }

  private async write(
    gate: () => Promise<void>,
    id: string,
    change: (ticket: Ticket) => unknown,
  ): Promise<PsaTicket> {
    const { now } = this.clock;
    const outcome = this.outcome();
    const ticket = this.existing(id);
    if (!ticket) throw new PsaError({ outcome: 'definitive', reason: 'not_found' });
    // A change is two calls, status and note: the second may fail after the first.
    if (outcome !== 'ok' && outcome !== 'lost') {
      if (this.random.chance(0.3)) change(ticket);
      throw await this.refusal(gate, outcome);
    }
    change(ticket);
    const after = { ...ticket };
    await gate();
    if (outcome === 'lost' || this.clock.now > now + this.settings.requestTimeoutMs) throw failure('unknown');
    return after;
  }

  private async refusal(gate: () => Promise<void>, outcome: PsaOutcome): Promise<PsaError> {
    await gate();
    return failure(outcome);
  }

  private fails(): boolean {
    return !this.isWell && this.random.chance(this.settings.faults);
  }

  private outcome(): PsaOutcome | 'ok' | 'lost' {
    if (!this.fails()) return 'ok';
    return this.random.pick(['lost', 'lost', 'lost', 'unknown', 'unknown', 'not_sent', 'not_sent', 'retry_after', 'definitive', 'credential'] as const); // prettier-ignore
  }
}
