import { uuidFrom } from '@backhaul/domain';
import type { TicketRequestPayload } from '@backhaul/messaging';
import { PsaError } from '@backhaul/psa';
import { backoffMs, planFailure } from '../lanes/command-result.js';
import type { HeadCommand } from '../lanes/lane.repository.js';
import { FRESH_MS, LeaseLost, NotSettled, runCommand, settleMsOf } from '../lanes/run-command.js';
import { Actor } from './actors.js';
import { violationsOf } from './invariants.js';
import { Random } from './random.js';
import { SimulatedBreaker } from './simulated-breaker.js';
import { SimulatedPsa } from './simulated-psa.js';
import { type SimulatedLease, World } from './world.js';

export interface ScheduleOptions {
  seed: number;
  /** Replaces the settle time, to see that it matters. Milliseconds. */
  settleMs?: number;
}

export interface ScheduleResult {
  seed: number;
  violations: string[];
  tickets: number;
  kills: number;
}

const LEASE_MS = 12_000;
const REOPEN_WITHIN_MS = 600_000;
const ACCOUNTS = [80202028, 80202029];
const KEYS = ['job:DB-1', 'job:DB-2'];
const WORKERS = 3;

/** One course of events that the seed determines: workers, crashes, faults, people and redeliveries in any order. */
export async function runSchedule({ seed, settleMs }: ScheduleOptions): Promise<ScheduleResult> {
  return new Schedule(new Random(seed), settleMs).run(seed);
}

class Schedule {
  private readonly world = new World(LEASE_MS, REOPEN_WITHIN_MS);
  private readonly breaker = new SimulatedBreaker(this.world, LEASE_MS);
  private readonly psa: SimulatedPsa;
  private readonly events: TicketRequestPayload[][];
  private delivered: TicketRequestPayload[][] = [];
  private readonly withPeople: boolean;
  private actors: Actor[] = [];
  private kills = 0;

  constructor(
    private readonly random: Random,
    private readonly settleMs: number | undefined,
  ) {
    const searchLagMs = random.pick([0, 1000, 5000]);
    const settings = {
      requestTimeoutMs: 1000,
      searchLagMs,
      trueLagMs: searchLagMs,
      faults: random.pick([0, 0.2, 0.5]),
    };
    this.psa = new SimulatedPsa(random, this.world, settings);
    this.withPeople = random.chance(0.25);
    this.events = Array.from({ length: 2 + random.below(7) }, (_, n) => this.event(n));
  }

  async run(seed: number): Promise<ScheduleResult> {
    for (let n = 0; n < WORKERS; n += 1) await this.hire();
    for (let step = 0; step < 150 || this.events.length > 0; step += 1) await this.step();
    // The weather clears, and everything must come to rest by itself.
    this.psa.isWell = true;
    await this.rest();
    if (this.withPeople) {
      for (const accountNo of ACCOUNTS) for (const key of KEYS) this.world.fold([this.request(`last ${accountNo} ${key}`, accountNo, key, 'raise', 'rule')]); // prettier-ignore
      await this.rest();
    }
    const violations = violationsOf(this.world, this.psa.tickets);
    return { seed, violations, tickets: this.psa.tickets.length, kills: this.kills };
  }

  private async step(): Promise<void> {
    const dice = this.random.next();
    if (dice < 0.08) this.world.now += this.random.below(this.random.chance(0.2) ? 20_000 : 2000);
    else if (dice < 0.14 && this.events.length > 0) this.deliver();
    else if (dice < 0.16 && this.delivered.length > 0) this.world.fold(this.random.pick(this.delivered));
    else if (dice < 0.17 && this.withPeople) this.meddle();
    else if (dice < 0.18) this.world.retry();
    else await this.work(this.random.chance(0.03));
  }

  private async work(isKilled: boolean): Promise<void> {
    const actor = this.random.pick(this.actors);
    if (isKilled) this.kills += 1;
    await actor.step(isKilled);
    if (!actor.isOver) return;
    this.actors = this.actors.filter((other) => other !== actor);
    await this.hire();
  }

  private async hire(): Promise<void> {
    const actor = new Actor((gate) => this.worker(gate));
    this.actors.push(actor);
    await actor.start();
  }

  private async rest(): Promise<void> {
    for (let round = 0; round < 400; round += 1) {
      this.world.retry();
      for (let turn = 0; turn < 12; turn += 1) for (const actor of this.actors) await actor.step();
      if ([...this.world.lanes.values()].every(({ state }) => state === 'idle')) return;
      const dueAt = Math.max(this.world.nextDueAt(), this.breaker.freeAt);
      this.world.now = Math.max(this.world.now + 100, Math.min(dueAt, this.world.now + 400_000));
    }
  }

  private deliver(): void {
    const batch = this.events.splice(0, 1 + this.random.below(2)).flat();
    this.delivered.push(batch);
    this.world.fold(batch);
  }

  private meddle(): void {
    if (this.psa.tickets.length === 0) return;
    const ticket = this.random.pick(this.psa.tickets);
    if (this.random.chance(0.5)) ticket.isClosed = true;
    else if (ticket.existsAt <= this.world.now && ticket.foundAt <= this.world.now && this.isLinked(ticket.id)) ticket.isDeleted = true; // prettier-ignore
  }

  /** A ticket that is deleted before we know it is made again: that is right, and no double. */
  private isLinked(ticketId: string): boolean {
    return this.world.incidents.some((incident) => incident.ticketId === ticketId);
  }

  private event(n: number): TicketRequestPayload[] {
    const intent = this.random.chance(0.6) ? 'raise' : 'resolve';
    const accountNo = this.random.pick(ACCOUNTS);
    const key = this.random.pick(KEYS);
    const rules = this.random.chance(0.3) ? ['rule', 'other rule'] : ['rule'];
    return rules.map((rule) => this.request(`event ${n}`, accountNo, key, intent, rule));
  }

  private request(
    event: string,
    accountNo: number,
    incidentKey: string,
    intent: 'raise' | 'resolve',
    rule: string,
  ): TicketRequestPayload {
    const [eventId, ruleId] = [uuidFrom(event), uuidFrom(rule)];
    const severity = intent === 'raise' ? this.random.pick(['ERROR', 'WARNING'] as const) : 'OK';
    const subject = { eventType: 'backup.failed', hostName: 'H', jobName: 'J', agent: 'restic', status: 'failed', message: event }; // prettier-ignore
    return { requestId: uuidFrom(event, rule), eventId, ruleId, ruleName: rule, partnerId: 'partner', custId: 1, accountNo, incidentKey, intent, severity, occurredAt: '2026-11-20T00:00:00.000Z', subject }; // prettier-ignore
  }

  /** What a dispatcher's slot does, a gate between any two effects. */
  private async worker(gate: () => Promise<void>): Promise<void> {
    for (;;) {
      await gate();
      const due = this.world.due();
      const claim = due.length > 0 ? this.breaker.claim() : null;
      if (!claim) continue;
      const lease = this.world.claim(this.random.pick(due));
      await gate();
      const head = this.world.head(lease);
      if (head) await this.execute(gate, lease, head, claim.isProbe);
      else {
        this.world.release(lease);
        this.breaker.unprobed(claim.isProbe);
      }
    }
  }

  private async execute(
    gate: () => Promise<void>,
    lease: SimulatedLease,
    head: HeadCommand,
    isProbe: boolean,
  ): Promise<void> {
    await gate();
    const deadline = this.world.now + LEASE_MS * 0.9;
    let markedAt = this.world.now;
    const content = this.world.markSending(lease, head.commandId);
    if (content === null) {
      this.world.release(lease);
      return this.breaker.unprobed(isProbe);
    }
    await gate();
    const port = this.psa.port(gate);
    try {
      const result = await runCommand({
        port,
        command: { ...head, content },
        wasSent: head.status !== 'planned',
        settleMs: this.settleMs ?? settleMsOf(port.capabilities),
        signal: new AbortController().signal,
        isFresh: () => this.world.now < Math.min(deadline, markedAt + FRESH_MS),
        markAgain: async () => {
          await gate();
          markedAt = this.world.now;
          const isOurs = this.world.markAgain(lease, head.commandId);
          await gate();
          return isOurs;
        },
      });
      this.breaker.answered(isProbe);
      await gate();
      this.world.done(lease, head, result);
    } catch (error) {
      await this.fail(gate, lease, head, isProbe, error);
    }
  }

  private async fail(
    gate: () => Promise<void>,
    lease: SimulatedLease,
    head: HeadCommand,
    isProbe: boolean,
    error: unknown,
  ): Promise<void> {
    if (error instanceof LeaseLost) return;
    if (error instanceof NotSettled) {
      this.breaker.answered(isProbe);
      await gate();
      const delayMs = Math.min(error.waitMs, backoffMs(lease.attempts, this.random.next()));
      return this.world.release(lease, delayMs, lease.attempts + 1);
    }
    if (!(error instanceof PsaError)) throw error;
    const { outcome, reason, retryAfterMs } = error;
    if (outcome === 'not_sent' || outcome === 'unknown') this.breaker.failed(isProbe);
    else this.breaker.answered(isProbe);
    const plan = planFailure({
      outcome,
      reason,
      retryAfterMs,
      command: head,
      attempts: lease.attempts,
      jitter: this.random.next(),
    });
    if (plan.pauseMs !== null) this.breaker.pause(Math.min(plan.pauseMs, 30_000));
    await gate();
    this.world.failed(lease, head, plan);
  }
}
