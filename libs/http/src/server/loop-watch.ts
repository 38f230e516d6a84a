import { Problem } from '../problems/problem.js';

const LOOK_EVERY_MS = 500;
/** Nobody is answered for so long: others should have the work. */
const BLOCKED_MS = 3000;
/** So long it has to go on without that. */
const CALM_MS = 5000;

/** Notices that the process stood still: blocked, frozen, or without a processor. It is not ready then, and a while after. */
export class LoopWatch {
  private lastMs: number;
  private notBeforeMs = -Infinity;
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly monotonicMs: () => number = () => performance.now()) {
    this.lastMs = monotonicMs();
  }

  /** Not before the process is made: loading its code keeps it busy as nothing does later. */
  start(): void {
    this.lastMs = this.monotonicMs();
    this.timer ??= setInterval(() => this.look(), LOOK_EVERY_MS).unref();
  }

  /** For the readiness. @throws Problem while it has not gone on for long enough */
  check(): Promise<void> {
    // A request that waited meanwhile may be answered before the timer has its turn.
    this.look();
    if (this.monotonicMs() < this.notBeforeMs)
      return Promise.reject(Problem.unavailable(CALM_MS / 1000, 'The process stood still a moment ago.'));
    return Promise.resolve();
  }

  look(): void {
    const now = this.monotonicMs();
    if (now - this.lastMs > BLOCKED_MS) this.notBeforeMs = now + CALM_MS;
    this.lastMs = now;
  }

  stop(): void {
    if (this.timer) clearInterval(this.timer);
  }
}
