import { setTimeout as wait } from 'node:timers/promises';
import { Logger } from '@nestjs/common';

export interface DispatcherSettings {
  /** Pieces of work done at once by this process. */
  slots: number;
  leaseMs: number;
  /** Pause while nothing is due, milliseconds. */
  idleMs: number;
  /** A round of claims begins this long after the one before at the earliest, so that a busy hour claims many at once. */
  paceMs?: number;
}

/** What is claimed by a lease in the database, and done. */
export interface Claimable<L> {
  /** At most `slots` of what is due, for nobody else as long as the lease lasts. */
  claim(slots: number, leaseMs: number): Promise<L[]>;
  handle(lease: L): Promise<void>;
  /** What it is called in the log. */
  nameOf(lease: L): string;
}

const PACE_MS = 15;

/** Keeps as much of what is due moving as it has slots. Many processes may run one each. */
export class Dispatcher<L = unknown> {
  private readonly logger = new Logger('Dispatcher');
  private readonly inFlight = new Set<Promise<void>>();
  private isStopping = false;
  private isAwake = false;
  private wakeUp: () => void = () => undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly work: Claimable<L>,
    private readonly settings: DispatcherSettings,
  ) {}

  start(): void {
    this.running = this.loop();
  }

  /** Something is due now: do not wait for the next look. */
  wake(): void {
    this.isAwake = true;
    this.wakeUp();
  }

  /** Claims no more, and waits for the calls in flight: cut off they would be unknown, which costs a search. */
  async stop(withinMs = 25_000): Promise<void> {
    this.isStopping = true;
    this.wakeUp();
    await this.running;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((done) => (timer = setTimeout(done, withinMs)));
    await Promise.race([Promise.allSettled(this.inFlight), late]);
    clearTimeout(timer);
  }

  private async loop(): Promise<void> {
    let failures = 0;
    while (!this.isStopping) {
      try {
        const begunAt = performance.now();
        this.isAwake = false;
        await this.round();
        failures = 0;
        if (!this.isAwake) await this.pause(this.settings.idleMs);
        await this.rest((this.settings.paceMs ?? PACE_MS) - (performance.now() - begunAt));
      } catch (error) {
        failures += 1;
        if (failures === 1 || failures % 20 === 0)
          this.logger.warn(`What is due cannot be claimed: ${String(error)}; will be tried again`);
        await this.pause(Math.min(5000, 100 * 2 ** Math.min(failures, 6)));
      }
    }
  }

  /** Takes what is due, connection by connection, until nothing is or all slots are taken. */
  private async round(): Promise<void> {
    while (!this.isStopping) {
      const free = this.settings.slots - this.inFlight.size;
      const leases = free > 0 ? await this.work.claim(free, this.settings.leaseMs) : [];
      for (const lease of leases) this.run(lease);
      if (leases.length === 0) return;
    }
  }

  private async rest(ms: number): Promise<void> {
    if (ms >= 1 && !this.isStopping) await wait(ms);
  }

  private run(lease: L): void {
    const work = this.work.handle(lease).catch((error: unknown) => {
      // The lease ends by itself, and it is claimed again.
      this.logger.error(`${this.work.nameOf(lease)}: ${String(error)}`);
    });
    const tracked = work.finally(() => {
      this.inFlight.delete(tracked);
      this.wake();
    });
    this.inFlight.add(tracked);
  }

  private pause(ms: number): Promise<void> {
    return new Promise((done) => {
      const timer = setTimeout(done, ms);
      this.wakeUp = () => {
        clearTimeout(timer);
        done();
      };
      if (this.isAwake || this.isStopping) this.wakeUp();
    });
  }
}
