import { setTimeout as wait } from 'node:timers/promises';

/** Does something again and again until it is stopped: `everyMs` after it was done, at once where it says that there is more. */
export class Repeated {
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly work: () => Promise<boolean>,
    private readonly everyMs: number,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Tells long work that it is to end. */
  get signal(): AbortSignal {
    return this.stopping.signal;
  }

  start(): void {
    this.running = this.loop();
  }

  /** Waits for what is under way. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async loop(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const hasMore = await this.work().catch((error: unknown) => {
        this.onError(error);
        return false;
      });
      if (!hasMore) await wait(this.everyMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}
