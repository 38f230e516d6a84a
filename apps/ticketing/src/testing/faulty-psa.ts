import { PsaError, type PsaOutcome, type PsaTicket, type TicketPort } from '@backhaul/psa';
import { FakePsa } from '@backhaul/psa/testing';

type Method = 'findByMarker' | 'create' | 'get' | 'addNote' | 'close' | 'reopen';

export interface Fault {
  method?: Method;
  outcome: PsaOutcome;
  /** The PSA has done it all the same, and only its answer was lost. */
  isDone?: boolean;
  retryAfterMs?: number;
}

const WRITES = new Set<Method>(['create', 'addNote', 'close', 'reopen']);

export interface FaultyPsaOptions {
  companies?: string[];
  searchLagMs?: number;
  requestTimeoutMs?: number;
  /** Milliseconds of whatever clock the test runs by. */
  now?: () => number;
  /** Passed before and after each call: where a test lets the caller die. */
  step?: (name: string) => void;
}

/** A PSA in memory that fails as told, and whose searches lag behind. */
export class FaultyPsa {
  readonly fake: FakePsa;
  readonly faults: Fault[] = [];
  readonly calls: Method[] = [];
  /** Calls begun and not ended, and the most there ever were. */
  inFlight = 0;
  mostInFlight = 0;
  private readonly createdAt = new Map<string, number>();

  constructor(private readonly options: FaultyPsaOptions = {}) {
    this.fake = new FakePsa(options.companies ?? ['250']);
  }

  withMarker(marker: string): PsaTicket[] {
    return [...this.fake.tickets.values()].filter((ticket) => ticket.marker === marker);
  }

  port(): TicketPort {
    const inner = this.fake.port();
    const { searchLagMs = 0, requestTimeoutMs = 1000 } = this.options;
    return {
      capabilities: { ...inner.capabilities, searchLagMs, requestTimeoutMs },
      findByMarker: (marker, signal) =>
        this.through('findByMarker', async () =>
          (await inner.findByMarker(marker, signal)).filter(({ id }) => this.isIndexed(id)),
        ),
      create: (ticket, signal) =>
        this.through('create', async () => {
          const made = await inner.create(ticket, signal);
          this.createdAt.set(made.id, this.now());
          return made;
        }),
      get: (id, signal) => this.through('get', () => inner.get(id, signal)),
      addNote: (id, text, signal, options) =>
        this.through('addNote', () => inner.addNote(id, text, signal, options)),
      close: (id, note, signal, options) =>
        this.through('close', () => inner.close(id, note, signal, options)),
      reopen: (id, note, signal, options) =>
        this.through('reopen', () => inner.reopen(id, note, signal, options)),
      testConnection: (signal) => inner.testConnection(signal),
    };
  }

  private isIndexed(id: string): boolean {
    return this.now() >= (this.createdAt.get(id) ?? 0) + (this.options.searchLagMs ?? 0);
  }

  private now(): number {
    return this.options.now?.() ?? 0;
  }

  private async through<T>(method: Method, call: () => Promise<T>): Promise<T> {
    this.calls.push(method);
    this.options.step?.(`before ${method}`);
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    try {
      const fault = this.take(method);
      if (fault && !(fault.isDone === true && WRITES.has(method))) throw errorOf(fault);
      const result = await call();
      if (fault) throw errorOf(fault);
      return result;
    } finally {
      this.inFlight -= 1;
      this.options.step?.(`after ${method}`);
    }
  }

  private take(method: Method): Fault | undefined {
    const index = this.faults.findIndex((fault) => (fault.method ?? method) === method);
    return index < 0 ? undefined : this.faults.splice(index, 1)[0];
  }
}

const REASONS = {
  not_sent: 'refused',
  unknown: 'connection_lost',
  retry_after: 'rate_limited',
  definitive: 'invalid_field',
  credential: 'unauthorized',
} as const;

const errorOf = ({ outcome, retryAfterMs }: Fault): PsaError =>
  new PsaError({ outcome, reason: REASONS[outcome], retryAfterMs: retryAfterMs ?? null });
