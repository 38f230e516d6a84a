import type { ServerResponse } from 'node:http';
import type { Clock } from '@backhaul/domain';
import { type Principal, Problem } from '@backhaul/http';
import type { Change } from './change.js';
import type { ChangeFeed } from './change-feed.js';
import { LISTENERS, maySee } from './may-see.js';

export interface StreamLimits {
  perPerson: number;
  inAll: number;
}

export interface Opening {
  principal: Principal;
  raw: ServerResponse;
  /** Where it goes on, milliseconds of the epoch; null for who comes anew. */
  sinceMs: number | null;
  /** What tells credentials apart. */
  credential: string;
  /** Who it is now. @throws where the credential is no longer good */
  recheck: () => Promise<Principal>;
}

interface Listener extends Opening {
  who: string;
  fromMs: number;
}

const HEARTBEAT_MS = 15_000;
const RECHECK_MS = 3000;
/** Asks nobody: a suspension is in force everywhere within two seconds. */
const SUSPENDED_MS = 500;
/** Unsent bytes after which a listener is cut: it comes back and goes on where it was. */
const MOST_UNSENT = 256 * 1024;
/** Partitions, and gateways, are not read at the same pace: so much is told again to who comes back. */
const OVERLAP_MS = 15_000;
const RETRY_AFTER_S = 5;

const whoIs = ({ actor, subject }: Principal): string => actor?.subject ?? subject;

/** Server-sent events to those who listen: kinds and ids of what they may see. */
export class Streams {
  private readonly listeners = new Set<Listener>();
  private readonly timers: NodeJS.Timeout[] = [];
  private sequence = 0;
  private isRechecking = false;

  constructor(
    private readonly feed: Pick<ChangeFeed, 'log' | 'onChange' | 'pathOf' | 'want' | 'unwant'>,
    private readonly limits: StreamLimits,
    private readonly clock: Clock,
    private readonly suspensions: { isSuspended(partnerId: string): boolean },
  ) {
    feed.onChange((change) => this.tell(change));
    this.timers.push(
      setInterval(() => this.beat(), HEARTBEAT_MS).unref(),
      setInterval(() => void this.recheckAll(), RECHECK_MS).unref(),
      setInterval(() => this.endSuspended(), SUSPENDED_MS).unref(),
    );
  }

  /** Takes the response over. @throws Problem 403, 429, 503 */
  open(opening: Opening): void {
    this.assertRoom(opening.principal);
    const nowMs = this.clock.now().getTime();
    const { raw, sinceMs } = opening;
    const fromMs = sinceMs === null ? nowMs : sinceMs - OVERLAP_MS;
    const listener: Listener = { ...opening, fromMs, who: whoIs(opening.principal) };
    raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    raw.write(`retry: 2000\nid: ${this.idAt(sinceMs ?? nowMs)}\n: connected\n\n`);
    this.listeners.add(listener);
    raw.once('close', () => this.forget(listener));
    this.feed.want();
    if (sinceMs !== null) this.catchUp(listener);
  }

  get size(): number {
    return this.listeners.size;
  }

  /** All of them, as the process ends: they come back to another. */
  close(): void {
    for (const timer of this.timers) clearInterval(timer);
    for (const { raw } of this.listeners) raw.end();
  }

  private assertRoom(principal: Principal): void {
    if (!LISTENERS.includes(principal.role)) throw Problem.forbidden('The role does not allow this.');
    if (this.listeners.size >= this.limits.inAll)
      throw Problem.tooBusy(RETRY_AFTER_S, 'As many listen as can be served; come again later.');
    const who = whoIs(principal);
    const own = [...this.listeners].filter((each) => each.who === who).length;
    if (own >= this.limits.perPerson)
      throw Problem.tooMany(RETRY_AFTER_S, `No more than ${this.limits.perPerson} streams at once.`);
  }

  private catchUp(listener: Listener): void {
    const missed = this.feed.log.since(listener.fromMs);
    // Too long ago, or nothing is known of then: what is shown must be read anew.
    if (missed === null) return this.write(listener, `event: reset\ndata: {}\n\n`);
    for (const change of missed) this.send(listener, change);
  }

  private tell(change: Change): void {
    for (const listener of this.listeners) if (change.atMs >= listener.fromMs) this.send(listener, change);
  }

  private send(listener: Listener, change: Change): void {
    if (!maySee(listener.principal, change, this.feed.pathOf)) return;
    const { kind, id, atMs } = change;
    const data = JSON.stringify({ kind, id });
    this.write(listener, `id: ${this.idAt(atMs)}\nevent: ${kind}\ndata: ${data}\n\n`);
  }

  private write({ raw }: Listener, text: string): void {
    if (raw.destroyed || raw.writableEnded) return;
    raw.write(text);
    if (raw.writableLength > MOST_UNSENT) raw.destroy();
  }

  private beat(): void {
    for (const listener of this.listeners) this.write(listener, ': still here\n\n');
  }

  private endSuspended(): void {
    for (const { principal, raw } of this.listeners)
      if (this.suspensions.isSuspended(principal.partnerId)) raw.end();
  }

  /** One question for each credential, however many streams it has open. */
  private async recheckAll(): Promise<void> {
    // A round that waits for accounts is not joined by another.
    if (this.isRechecking) return;
    this.isRechecking = true;
    const groups = new Map<string, Listener[]>();
    for (const listener of this.listeners) {
      const group = groups.get(listener.credential);
      if (group) group.push(listener);
      else groups.set(listener.credential, [listener]);
    }
    await Promise.all([...groups.values()].map((group) => this.recheck(group)));
    this.isRechecking = false;
  }

  private async recheck(group: readonly Listener[]): Promise<void> {
    try {
      const principal = await group[0]?.recheck();
      if (!principal || !LISTENERS.includes(principal.role)) throw Problem.unauthorized();
      for (const listener of group) listener.principal = principal;
    } catch {
      // Logged out, revoked, or not to be asked about: who it is must be proved anew.
      for (const { raw } of group) raw.end();
    }
  }

  private forget(listener: Listener): void {
    this.listeners.delete(listener);
    if (this.listeners.size === 0) this.feed.unwant();
  }

  private idAt(ms: number): string {
    this.sequence = (this.sequence + 1) % 1_000_000;
    return `${ms}-${this.sequence}`;
  }
}

/** Milliseconds in a `Last-Event-ID` of ours; null without one. @throws Problem 400 */
export function sinceOf(header: unknown): number | null {
  if (header === undefined || header === '') return null;
  const [, ms] = /^(\d{13})-\d{1,6}$/.exec(typeof header === 'string' ? header : '') ?? [];
  if (ms !== undefined) return Number(ms);
  const detail = 'must be the id of an event of this stream';
  throw Problem.badRequest([{ pointer: '/Last-Event-ID', detail, rule: 'lastEventId' }]);
}
