/** What an actor that is killed sees; nothing of it survives but what it wrote to the world. */
export class Killed extends Error {}

/** A flow of our code that stops at every gate, until the schedule lets it go on or kills it. */
export class Actor {
  isOver = false;
  private failure: Error | null = null;
  private go: (() => void) | null = null;
  private kill: (() => void) | null = null;
  private stopped: () => void = () => undefined;

  constructor(private readonly body: (gate: () => Promise<void>) => Promise<void>) {}

  async start(): Promise<void> {
    await this.untilStop(() => {
      void this.body(() => this.gate()).then(
        () => this.end(),
        (error: unknown) => {
          this.failure = error instanceof Killed ? null : new Error('The actor broke', { cause: error });
          this.end();
        },
      );
    });
  }

  /** Lets it run to its next gate, or dies there. @throws Error whose cause its body threw */
  async step(isKilled = false): Promise<void> {
    if (this.isOver) return;
    await this.untilStop(() => (isKilled ? this.kill : this.go)?.());
    if (this.failure !== null) throw this.failure;
  }

  private gate(): Promise<void> {
    return new Promise((go, kill) => {
      this.go = go;
      this.kill = () => kill(new Killed());
      this.stopped();
    });
  }

  private end(): void {
    this.isOver = true;
    this.stopped();
  }

  private untilStop(run: () => void): Promise<void> {
    return new Promise((stopped) => {
      this.stopped = stopped;
      run();
    });
  }
}
