import { systemClock, type Clock } from '@backhaul/domain';

const SLICES = 60;

/** Counts requests in a window that rolls, a sixtieth of it at a time. */
export class RequestBudget {
  /** Requests by the number of their slice, oldest first. */
  private readonly slices = new Map<number, number>();
  private total = 0;

  constructor(
    private readonly windowMs: number,
    private readonly clock: Clock = systemClock,
  ) {}

  /** One request more. @returns how many the window holds, this one with them */
  use(): number {
    const slice = this.currentSlice();
    this.forgetBefore(slice - SLICES);
    this.slices.set(slice, (this.slices.get(slice) ?? 0) + 1);
    this.total += 1;
    return this.total;
  }

  count(): number {
    this.forgetBefore(this.currentSlice() - SLICES);
    return this.total;
  }

  private currentSlice(): number {
    return Math.floor((this.clock.now().getTime() / this.windowMs) * SLICES);
  }

  private forgetBefore(oldest: number): void {
    for (const [slice, count] of this.slices) {
      if (slice > oldest) return;
      this.slices.delete(slice);
      this.total -= count;
    }
  }
}

/** What each further request of Autotask waits: half a second from half of the budget on, a second from three quarters. */
export function penaltyMs(used: number, limit: number): number {
  if (limit <= 0 || used < limit / 2) return 0;
  return used < (limit * 3) / 4 ? 500 : 1_000;
}
