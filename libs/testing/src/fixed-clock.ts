import type { Clock } from '@backhaul/domain';

/** Time that stands still until a test moves it. */
export class FixedClock implements Clock {
  private nowMs: number;
  private elapsedMs = 0;
  constructor(at: string | Date = '2026-11-21T12:00:00.000Z') {
    this.nowMs = new Date(at).getTime();
  }
  now(): Date {
    return new Date(this.nowMs);
  }
  monotonicMs(): number {
    return this.elapsedMs;
  }
  advance(ms: number): void {
    this.nowMs += ms;
    this.elapsedMs += ms;
  }
  set(at: string | Date): void {
    this.nowMs = new Date(at).getTime();
  }
}
