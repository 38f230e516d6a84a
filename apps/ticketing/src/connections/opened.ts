import { type Clock, systemClock } from '@backhaul/domain';

/** Longest that opened credentials lie in memory, milliseconds; a call under way ends with what it has. */
export const MOST_OPEN_MS = 300_000;

/** Something that is opened on demand and shared: let go of when its time is over, whether or not anybody asks again. */
export class Opened<T> {
  private held: { what: T; at: number } | null = null;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly open: () => T,
    private readonly clock: Pick<Clock, 'monotonicMs'> = systemClock,
  ) {}

  /** @throws what opening it throws */
  get(): T {
    // A process that was held up may be asked before its timer runs.
    if (this.held && this.clock.monotonicMs() - this.held.at < MOST_OPEN_MS) return this.held.what;
    this.close();
    const at = this.clock.monotonicMs();
    const what = this.open();
    this.held = { what, at };
    this.timer = setTimeout(() => this.close(), MOST_OPEN_MS).unref();
    return what;
  }

  close(): void {
    clearTimeout(this.timer);
    this.held = null;
  }
}
