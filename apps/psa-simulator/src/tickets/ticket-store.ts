import { Journal, type Kept } from '../journal/journal.js';
import { PROVIDERS, type Actor, type Provider, type SimTicket } from './ticket.js';
import { withHistory } from './ticket-history.js';

type TicketLine =
  | { kind: 'put'; ticket: SimTicket }
  | { kind: 'delete'; provider: Provider; id: number }
  | { kind: 'sequence'; next: number };

const FIRST_ID = 1001;

/** Tickets of both PSAs, in memory and in the journal. */
export class TicketStore implements Kept {
  private readonly tickets = new Map<Provider, Map<number, SimTicket>>();
  private readonly byMarker = new Map<string, Set<number>>();
  private readonly byParent = new Map<string, Set<number>>();
  private readonly listeners = new Set<() => void>();
  private nextId = FIRST_ID;

  constructor(private readonly journal: Journal = new Journal(null)) {
    for (const provider of PROVIDERS) this.tickets.set(provider, new Map());
    journal.keep(this);
  }

  newId(): number {
    return this.nextId++;
  }

  get(provider: Provider, id: number): SimTicket | undefined {
    return this.of(provider).get(id);
  }

  all(provider: Provider): SimTicket[] {
    return [...this.of(provider).values()];
  }

  withMarker(provider: Provider, marker: string): SimTicket[] {
    const ids = this.byMarker.get(markerKey(provider, marker)) ?? new Set<number>();
    return [...ids].flatMap((id) => this.get(provider, id) ?? []);
  }

  /** Bundled under it or merged into it. */
  childrenOf(provider: Provider, id: number): SimTicket[] {
    return [...(this.byParent.get(`${provider}:${id}`) ?? [])].flatMap(
      (child) => this.get(provider, child) ?? [],
    );
  }

  /** Written to the journal before it returns. Gives back the ticket with what its history now says. */
  put(ticket: SimTicket, actor: Actor): SimTicket {
    const recorded = withHistory(this.get(ticket.provider, ticket.id), ticket, actor);
    this.write({ kind: 'put', ticket: recorded });
    return recorded;
  }

  delete(provider: Provider, id: number): void {
    this.write({ kind: 'delete', provider, id });
  }

  /** Removes all; ids go on, so that an old link never meets a new ticket. */
  reset(): void {
    for (const tickets of this.tickets.values()) tickets.clear();
    this.byMarker.clear();
    this.byParent.clear();
    this.journal.rewrite();
    this.tell();
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  lines(): TicketLine[] {
    const tickets = PROVIDERS.flatMap((provider) => this.all(provider));
    return [
      { kind: 'sequence', next: this.nextId },
      ...tickets.map((ticket) => ({ kind: 'put' as const, ticket })),
    ];
  }

  apply(line: TicketLine): void {
    if (line.kind === 'sequence') {
      this.nextId = Math.max(this.nextId, line.next);
    } else if (line.kind === 'delete') {
      this.unmark(this.get(line.provider, line.id));
      this.of(line.provider).delete(line.id);
    } else if (line.kind === 'put') {
      const ticket = { ...line.ticket, history: line.ticket.history ?? [] };
      this.unmark(this.get(ticket.provider, ticket.id));
      this.of(ticket.provider).set(ticket.id, ticket);
      this.mark(ticket);
      this.nextId = Math.max(this.nextId, ticket.id + 1, ...ticket.notes.map((note) => note.id + 1));
    }
  }

  private of(provider: Provider): Map<number, SimTicket> {
    return this.tickets.get(provider) ?? new Map<number, SimTicket>();
  }

  private mark(ticket: SimTicket): void {
    const { provider, marker, parentId, id } = ticket;
    if (marker !== null) addTo(this.byMarker, markerKey(provider, marker), id);
    if (parentId !== null) addTo(this.byParent, `${provider}:${parentId}`, id);
  }

  private unmark(ticket: SimTicket | undefined): void {
    if (ticket === undefined) return;
    const { provider, marker, parentId, id } = ticket;
    if (marker !== null) this.byMarker.get(markerKey(provider, marker))?.delete(id);
    if (parentId !== null) this.byParent.get(`${provider}:${parentId}`)?.delete(id);
  }

  private write(line: TicketLine): void {
    this.journal.append(line);
    this.apply(line);
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

/** Both vendors compare text without regard to case. */
function markerKey(provider: Provider, marker: string): string {
  return `${provider}:${marker.toLowerCase()}`;
}

function addTo(index: Map<string, Set<number>>, key: string, id: number): void {
  index.set(key, (index.get(key) ?? new Set<number>()).add(id));
}
