export interface KeyUse {
  key: string;
  at: Date;
  /** Null where the address is not known. */
  ip: string | null;
}

export interface KeyUsesOptions {
  now: () => Date;
  /** Takes a batch; what it refuses is offered again. */
  tell: (uses: readonly KeyUse[]) => Promise<void>;
  onError: (error: unknown) => void;
  /** A key is told of at most once in this time. */
  everyMs?: number;
  /** How long uses wait for company. */
  flushMs?: number;
}

const MOST = 10_000;

/** Remembers which keys were used and tells of it in batches, beside the requests: none waits for it, none fails by it. */
export class KeyUses {
  private readonly told = new Map<string, number>();
  private waiting = new Map<string, KeyUse>();
  private timer: NodeJS.Timeout | null = null;
  private telling: Promise<void> = Promise.resolve();

  constructor(private readonly options: KeyUsesOptions) {}

  note(key: string, ip: string | null): void {
    const at = this.options.now();
    const isTold = at.getTime() - (this.told.get(key) ?? -Infinity) < (this.options.everyMs ?? 60_000);
    if (isTold || this.waiting.size >= MOST) return;
    if (this.told.size >= MOST) this.told.delete(String(this.told.keys().next().value));
    this.told.set(key, at.getTime());
    this.waiting.set(key, { key, at, ip });
    this.timer ??= setTimeout(() => void this.flush(), this.options.flushMs ?? 2000).unref();
  }

  /** Tells now of what waits; never fails. */
  flush(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.telling = this.telling.then(() => this.tell());
    return this.telling;
  }

  private async tell(): Promise<void> {
    const uses = this.waiting;
    if (uses.size === 0) return;
    this.waiting = new Map();
    try {
      await this.options.tell([...uses.values()]);
    } catch (error) {
      this.options.onError(error);
      this.waiting = new Map([...uses, ...this.waiting]);
      this.timer ??= setTimeout(() => void this.flush(), this.options.everyMs ?? 60_000).unref();
    }
  }
}
