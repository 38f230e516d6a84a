import { markerFor, uuidFrom } from '@backhaul/domain';
import type { AccountNo, EventId, PartnerId, RuleId, Severity } from '@backhaul/domain';
import type { TicketRequestPayload } from '@backhaul/messaging';
import type { PendingCommand } from '../incidents/fold.js';
import { type CommandContent, FoldBatch, type KnownIncident } from '../incidents/fold-batch.js';
import type { FailurePlan } from '../lanes/command-result.js';
import type { HeadCommand } from '../lanes/lane.repository.js';
import type { CommandDone } from '../lanes/run-command.js';

export interface SimulatedLease {
  account: number;
  epoch: number;
  attempts: number;
}

interface Lane {
  state: 'idle' | 'ready' | 'running' | 'attention';
  attempts: number;
  nextAt: number;
  epoch: number;
  leaseUntil: number;
}

interface Command {
  commandId: string;
  account: number;
  incidentId: string;
  kind: PendingCommand['kind'];
  status: 'planned' | 'sending' | 'unknown' | 'done' | 'dead' | 'suppressed';
  content: CommandContent;
  sentAt: number | null;
}

interface Incident {
  incidentId: string;
  account: number;
  key: string;
  state: 'open' | 'resolved';
  severity: Severity;
  lastEventId: EventId;
  ruleId: RuleId;
  marker: string;
  occurrences: number;
  resolvedAt: number | null;
  ticketId: string | null;
  isDeleted: boolean;
}

const UNFINISHED = new Set<Command['status']>(['planned', 'sending', 'unknown']);
const LOST = new Set<CommandDone['reason']>(['ticket_deleted', 'ticket_closed']);

/**
 * What PostgreSQL keeps, in memory: each method is one transaction and says what the statement of the same name does.
 * It survives every actor.
 */
export class World {
  now = 0;
  readonly incidents: Incident[] = [];
  readonly commands: Command[] = [];
  readonly lanes = new Map<number, Lane>();
  /** Request → the newest word on it. */
  readonly told = new Map<string, string>();
  readonly inbox = new Set<string>();
  private waiting: { commandId: string; requestId: string }[] = [];

  constructor(
    private readonly leaseMs: number,
    private readonly reopenWithinMs: number,
  ) {}

  fold(requests: readonly TicketRequestPayload[]): void {
    const fresh = requests.filter(({ requestId }) => !this.inbox.has(requestId));
    for (const { requestId, accountNo } of fresh) {
      this.inbox.add(requestId);
      if (!this.lanes.has(accountNo)) this.lanes.set(accountNo, { state: 'idle', attempts: 0, nextAt: 0, epoch: 0, leaseUntil: -1 }); // prettier-ignore
    }
    const batch = new FoldBatch(this.newest());
    for (const request of fresh) batch.add(request, String(request.accountNo), 'connection');
    this.save(batch);
  }

  private newest(): KnownIncident[] {
    const newest = new Map(
      this.incidents.map((incident) => [`${incident.account}|${incident.key}`, incident]),
    );
    return [...newest.values()].map((incident) => ({
      incidentId: incident.incidentId,
      accountNo: incident.account,
      key: incident.key,
      laneKey: String(incident.account),
      state: incident.state,
      severity: incident.severity,
      lastEventId: incident.lastEventId,
      hasTicket: incident.ticketId !== null,
      isReopenable: (incident.resolvedAt ?? this.now) > this.now - this.reopenWithinMs && !incident.isDeleted,
      pending: this.commands
        .filter((command) => command.incidentId === incident.incidentId && UNFINISHED.has(command.status))
        .map(({ commandId, kind, status }) => ({ commandId, kind, wasSent: status !== 'planned' })),
      ticketId: incident.ticketId,
      ticketNumber: incident.ticketId,
      marker: incident.marker,
      occurrences: incident.occurrences,
    }));
  }

  private save(batch: FoldBatch): void {
    for (const change of batch.incidents.values()) {
      const { incidentId, state, severity, marker, occurrences, request } = change;
      const resolvedAt = state === 'resolved' ? this.now : null;
      const lastEventId = change.lastEventId as EventId;
      const known = this.incidents.find((incident) => incident.incidentId === incidentId);
      if (known) Object.assign(known, { state, severity, occurrences, resolvedAt, lastEventId });
      else this.incidents.push({ incidentId, account: request.accountNo, key: request.incidentKey, state, severity, lastEventId, ruleId: request.ruleId as RuleId, marker, occurrences, resolvedAt, ticketId: null, isDeleted: false }); // prettier-ignore
    }
    for (const { commandId, laneKey, incidentId, kind, content } of batch.commands)
      this.commands.push({ commandId, account: Number(laneKey), incidentId, kind, status: 'planned', content, sentAt: null }); // prettier-ignore
    for (const [commandId, content] of batch.contents) this.command(commandId).content = content;
    for (const { commandId, request } of batch.joins)
      this.waiting.push({ commandId, requestId: request.requestId });
    for (const { commandId, heir } of batch.dropped) this.drop(commandId, heir);
    for (const { request, reason } of batch.outcomes) this.told.set(request.requestId, reason);
    for (const { laneKey } of batch.commands) {
      const lane = this.lane(Number(laneKey));
      if (lane.state === 'idle') Object.assign(lane, { state: 'ready', attempts: 0, nextAt: this.now });
    }
  }

  private drop(commandId: string, heir: string | null): void {
    const command = this.command(commandId);
    if (command.status === 'planned') command.status = 'suppressed';
    const lane = this.lane(command.account);
    if (lane.state === 'attention') Object.assign(lane, { state: 'ready', attempts: 0, nextAt: this.now });
    if (heir) this.inherit(commandId, heir);
    else this.tell(commandId, 'self_healed');
  }

  private inherit(from: string, heir: string): void {
    this.waiting = this.waiting.map((waiter) =>
      waiter.commandId === from ? { ...waiter, commandId: heir } : waiter,
    );
  }

  private tell(commandId: string, reason: string): void {
    for (const { commandId: waitsFor, requestId } of this.waiting)
      if (waitsFor === commandId) this.told.set(requestId, reason);
  }

  /** Accounts whose lane may be worked on. */
  due(): number[] {
    return [...this.lanes]
      .filter(([, lane]) => lane.nextAt <= this.now)
      .filter(
        ([, { state, leaseUntil }]) => state === 'ready' || (state === 'running' && leaseUntil <= this.now),
      )
      .map(([account]) => account);
  }

  /** When the next lane becomes due; now, where one is. */
  nextDueAt(): number {
    const waits = [...this.lanes.values()].map(({ state, nextAt, leaseUntil }) => {
      if (state === 'ready') return nextAt;
      return state === 'running' ? leaseUntil : Infinity;
    });
    return Math.min(...waits);
  }

  claim(account: number): SimulatedLease {
    const lane = this.lane(account);
    lane.epoch += 1;
    Object.assign(lane, { state: 'running', leaseUntil: this.now + this.leaseMs });
    return { account, epoch: lane.epoch, attempts: lane.attempts };
  }

  head({ account }: SimulatedLease): HeadCommand | null {
    const command = this.commands.find((c) => c.account === account && UNFINISHED.has(c.status));
    if (!command) return null;
    const incident = this.incident(command.incidentId);
    return {
      commandId: command.commandId,
      kind: command.kind,
      status: command.status as HeadCommand['status'],
      content: command.content,
      sentAt: command.sentAt === null ? null : new Date(command.sentAt),
      now: new Date(this.now),
      incidentId: incident.incidentId,
      marker: incident.marker,
      ticketId: incident.ticketId,
      ticketNumber: incident.ticketId,
      incidentState: incident.state,
      custId: 1,
      accountNo: account,
      partnerId: 'partner',
      customerName: 'ACME Corp',
      brandId: null,
      ticketPlace: null,
      username: 'acme',
      psaCompanyId: '250',
      isForgotten: false,
    };
  }

  markSending(lease: SimulatedLease, commandId: string): CommandContent | null {
    const command = this.command(commandId);
    if (!this.owns(lease) || !UNFINISHED.has(command.status)) return null;
    this.lane(lease.account).leaseUntil = this.now + this.leaseMs;
    if (command.status === 'planned') Object.assign(command, { status: 'sending', sentAt: this.now });
    return command.content;
  }

  markAgain(lease: SimulatedLease, commandId: string): boolean {
    if (!this.owns(lease)) return false;
    this.command(commandId).sentAt = this.now;
    return true;
  }

  done(lease: SimulatedLease, head: HeadCommand, { reason, ticket }: CommandDone): void {
    if (!this.owns(lease)) return;
    const command = this.command(head.commandId);
    const incident = this.incident(head.incidentId);
    command.status = 'done';
    if (LOST.has(reason)) {
      incident.isDeleted = true;
      if (command.kind !== 'close') this.replace(incident, command);
    } else if (ticket) incident.ticketId = ticket.id;
    this.tell(head.commandId, reason);
    this.goOn(lease, 0, 0);
  }

  private replace(incident: Incident, command: Command): void {
    if (incident.state !== 'open') return;
    Object.assign(incident, { state: 'resolved', resolvedAt: this.now });
    const { account, ruleId, lastEventId } = incident;
    const incidentId = uuidFrom('incident.replacing', incident.incidentId, command.commandId);
    const marker = markerFor('partner' as PartnerId, account as AccountNo, ruleId, lastEventId);
    this.incidents.push({ ...incident, incidentId, marker, state: 'open', resolvedAt: null, ticketId: null, isDeleted: false, occurrences: 1 }); // prettier-ignore
    const pending = this.commands.filter(
      (c) => c.incidentId === incident.incidentId && c.status === 'planned',
    );
    const commandId = uuidFrom('command', incidentId, 'create');
    const content = pending.at(-1)?.content ?? command.content;
    this.commands.push({
      commandId,
      account,
      incidentId,
      kind: 'create',
      status: 'planned',
      content,
      sentAt: null,
    });
    for (const dropped of [command, ...pending]) {
      if (dropped.status === 'planned') dropped.status = 'suppressed';
      this.inherit(dropped.commandId, commandId);
    }
  }

  failed(lease: SimulatedLease, head: HeadCommand, plan: FailurePlan): void {
    if (!this.owns(lease)) return;
    const command = this.command(head.commandId);
    command.status = plan.status;
    if (plan.status === 'dead' || plan.needsAttention) this.tell(head.commandId, 'failed');
    if (plan.needsAttention) Object.assign(this.lane(lease.account), { state: 'attention', leaseUntil: -1 });
    else this.goOn(lease, plan.delayMs, plan.status === 'dead' ? 0 : lease.attempts + 1);
  }

  release(lease: SimulatedLease, delayMs = 0, attempts = 0): void {
    if (this.owns(lease)) this.goOn(lease, delayMs, attempts);
  }

  /** A person presses retry. */
  retry(): void {
    for (const lane of this.lanes.values())
      if (lane.state === 'attention') Object.assign(lane, { state: 'ready', attempts: 0, nextAt: this.now });
  }

  private goOn({ account }: SimulatedLease, delayMs: number, attempts: number): void {
    const isLeft = this.commands.some((c) => c.account === account && UNFINISHED.has(c.status));
    const state = isLeft ? 'ready' : 'idle';
    Object.assign(this.lane(account), { state, attempts, leaseUntil: -1, nextAt: this.now + delayMs });
  }

  private owns({ account, epoch }: SimulatedLease): boolean {
    const lane = this.lane(account);
    return lane.epoch === epoch && lane.state === 'running';
  }

  private lane(account: number): Lane {
    return this.lanes.get(account) as Lane;
  }

  private command(commandId: string): Command {
    return this.commands.find((command) => command.commandId === commandId) as Command;
  }

  private incident(incidentId: string): Incident {
    return this.incidents.find((incident) => incident.incidentId === incidentId) as Incident;
  }
}
