import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { PROVIDERS, type Provider, type SimTicket } from './ticket.js';

type Line =
  | { kind: 'put'; ticket: SimTicket }
  | { kind: 'delete'; provider: Provider; id: number }
  | { kind: 'sequence'; next: number };

const FIRST_ID = 1001;

/** Tickets of both PSAs, in memory, and in an append-only file so that a restart keeps what was answered for. */
export class TicketStore {
  private readonly tickets = new Map<Provider, Map<number, SimTicket>>();
  private readonly byMarker = new Map<string, Set<number>>();
  private readonly listeners = new Set<() => void>();
  private nextId = FIRST_ID;
  private file: number | null = null;

  /** @param path of the file, or null to keep nothing. A torn last line is what a killed process leaves: ignored. */
  constructor(private readonly path: string | null) {
    for (const provider of PROVIDERS) this.tickets.set(provider, new Map());
    if (path !== null) this.open(path);
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

  /** Written to the file before it returns. */
  put(ticket: SimTicket): void {
    this.append({ kind: 'put', ticket });
    this.apply({ kind: 'put', ticket });
    this.tell();
  }

  delete(provider: Provider, id: number): void {
    this.append({ kind: 'delete', provider, id });
    this.apply({ kind: 'delete', provider, id });
    this.tell();
  }

  /** Removes all; ids go on, so that an old link never meets a new ticket. */
  reset(): void {
    for (const tickets of this.tickets.values()) tickets.clear();
    this.byMarker.clear();
    if (this.path !== null) this.rewrite(this.path);
    this.tell();
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): void {
    if (this.file !== null) closeSync(this.file);
    this.file = null;
  }

  private of(provider: Provider): Map<number, SimTicket> {
    return this.tickets.get(provider) ?? new Map<number, SimTicket>();
  }

  private open(path: string): void {
    mkdirSync(dirname(path), { recursive: true });
    if (existsSync(path)) for (const line of parseLines(readFileSync(path, 'utf8'))) this.apply(line);
    this.rewrite(path);
  }

  private rewrite(path: string): void {
    this.close();
    const lines: Line[] = [{ kind: 'sequence', next: this.nextId }];
    for (const provider of PROVIDERS)
      for (const ticket of this.all(provider)) lines.push({ kind: 'put', ticket });
    writeFileSync(`${path}.new`, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    renameSync(`${path}.new`, path);
    this.file = openSync(path, 'a');
  }

  private append(line: Line): void {
    if (this.file !== null) writeSync(this.file, `${JSON.stringify(line)}\n`);
  }

  private apply(line: Line): void {
    if (line.kind === 'sequence') {
      this.nextId = Math.max(this.nextId, line.next);
    } else if (line.kind === 'delete') {
      this.unmark(this.get(line.provider, line.id));
      this.of(line.provider).delete(line.id);
    } else {
      const { ticket } = line;
      this.unmark(this.get(ticket.provider, ticket.id));
      this.of(ticket.provider).set(ticket.id, ticket);
      this.mark(ticket);
      this.nextId = Math.max(this.nextId, ticket.id + 1, ...ticket.notes.map((note) => note.id + 1));
    }
  }

  private mark(ticket: SimTicket): void {
    if (ticket.marker === null) return;
    const key = markerKey(ticket.provider, ticket.marker);
    this.byMarker.set(key, (this.byMarker.get(key) ?? new Set<number>()).add(ticket.id));
  }

  private unmark(ticket: SimTicket | undefined): void {
    if (ticket?.marker) this.byMarker.get(markerKey(ticket.provider, ticket.marker))?.delete(ticket.id);
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

/** Both vendors compare text without regard to case. */
function markerKey(provider: Provider, marker: string): string {
  return `${provider}:${marker.toLowerCase()}`;
}

function parseLines(text: string): Line[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
}
