/** Counts requests in flight per entity. */
export class ThreadLimit {
  private readonly inFlight = new Map<string, number>();

  constructor(private readonly limit: number) {}

  /** A function that gives the place back (once), or null when there is none. */
  enter(entity: string): (() => void) | null {
    const count = this.inFlight.get(entity) ?? 0;
    if (count >= this.limit) return null;
    this.inFlight.set(entity, count + 1);
    let isHeld = true;
    return () => {
      if (isHeld) this.inFlight.set(entity, (this.inFlight.get(entity) ?? 1) - 1);
      isHeld = false;
    };
  }
}
