import pg from 'pg';

export interface AnsweredClientConfig extends pg.ClientConfig {
  /** Milliseconds without a byte, while something is asked, after which nobody is there. Never, without it. */
  silenceMs?: number;
}

/**
 * A connection that breaks when nothing is heard on it: one behind which the server is gone without a word would keep
 * who asked waiting for as long as TCP does, a quarter of an hour and more, and its place in the pool with it.
 */
export class AnsweredClient extends pg.Client {
  private isAsked = false;

  constructor(config?: string | AnsweredClientConfig) {
    super(config);
    const silenceMs = typeof config === 'object' ? config.silenceMs : undefined;
    if (silenceMs !== undefined) this.once('connect', () => this.listen(silenceMs));
  }

  override query(...args: unknown[]): never {
    this.isAsked = true;
    return (super.query as (...given: unknown[]) => never).apply(this, args);
  }

  private listen(silenceMs: number): void {
    const stream = this.connection.stream as pg.Client['connection']['stream'] & {
      setTimeout(ms: number): void;
    };
    this.on('drain', () => (this.isAsked = false));
    stream.setTimeout(silenceMs);
    stream.on('timeout', () => {
      if (this.isAsked) stream.destroy(new Error('Connection terminated: PostgreSQL does not answer'));
    });
  }
}
