/** Too much waits already, the store cannot be reached, or it is too slow: the caller should come back. */
export class OverloadedError extends Error {
  constructor(
    readonly reason: 'queue_full' | 'store_down' | 'too_slow' | 'stopping',
    options?: ErrorOptions,
  ) {
    super(reason, options);
    this.name = 'OverloadedError';
  }
}

export interface GroupWriterOptions<Row, Result> {
  /** Writes a group in one transaction; results in the order of the rows. */
  write: (rows: readonly Row[]) => Promise<readonly Result[]>;
  /** The order in which every group takes its locks: two groups with the same keys must never meet crosswise. */
  compare: (a: Row, b: Row) => number;
  /** The rows, not the store, are at fault: they are then written one by one. */
  isDataError: (error: unknown) => boolean;
  slots?: number;
  maxGroup?: number;
  maxQueued?: number;
  /** A row that waits longer is refused, whatever the store still does with it; rounded up to 100 ms. */
  maxWaitMs?: number;
}

interface Waiting<Row, Result> {
  row: Row;
  /** Tick of the watch at which it came. */
  since: number;
  isSettled: boolean;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

const WATCH_MS = 100;

/**
 * Group commit: a row waits only while all slots are busy, then goes out with everything else that waits.
 * There is no timer in the way of a row; the groups grow by themselves with the load.
 */
export class GroupWriter<Row, Result> {
  private readonly options: Required<GroupWriterOptions<Row, Result>>;
  private queue: Waiting<Row, Result>[] = [];
  private readonly running = new Map<readonly Waiting<Row, Result>[], Promise<void>>();
  private isScheduled = false;
  private isStopping = false;
  /** Time as this process lived it: while it gets no processor, nothing grows old. */
  private tick = 0;
  private readonly watch: NodeJS.Timeout;

  constructor(options: GroupWriterOptions<Row, Result>) {
    this.options = { slots: 2, maxGroup: 200, maxQueued: 10_000, maxWaitMs: 900, ...options };
    this.watch = setInterval(() => this.refuseOverdue(), WATCH_MS).unref();
  }

  get depth(): number {
    return this.queue.length;
  }

  /** Resolves once the row's group is committed. @throws OverloadedError, or what the store says of this row */
  add(row: Row): Promise<Result> {
    if (this.isStopping) return Promise.reject(new OverloadedError('stopping'));
    if (this.queue.length >= this.options.maxQueued) return Promise.reject(new OverloadedError('queue_full'));
    return new Promise((resolve, reject) => {
      this.queue.push({ row, since: this.tick, isSettled: false, resolve, reject });
      this.schedule();
    });
  }

  /** Waits for what is queued or under way; new rows are refused. */
  async stop(): Promise<void> {
    this.isStopping = true;
    while (this.queue.length > 0 || this.running.size > 0) {
      this.launchAll();
      await Promise.allSettled(this.running.values());
    }
    clearInterval(this.watch);
  }

  /** Requests that arrived in the same turn of the loop go out together. */
  private schedule(): void {
    if (this.isScheduled || this.running.size >= this.options.slots) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      this.launchAll();
    });
  }

  private launchAll(): void {
    while (this.queue.length > 0 && this.running.size < this.options.slots) this.launch();
  }

  private launch(): void {
    const group = this.queue.splice(0, this.options.maxGroup).filter((waiting) => !waiting.isSettled);
    if (group.length === 0) return;
    group.sort((a, b) => this.options.compare(a.row, b.row));
    const done = this.write(group).finally(() => {
      this.running.delete(group);
      this.schedule();
    });
    this.running.set(group, done);
  }

  private async write(group: readonly Waiting<Row, Result>[]): Promise<void> {
    try {
      const results = await this.options.write(group.map(({ row }) => row));
      group.forEach((waiting, index) => settle(waiting, () => waiting.resolve(results[index] as Result)));
    } catch (error) {
      if (!this.options.isDataError(error) || group.length === 1) this.refuse(group, error);
      else for (const waiting of group) await this.write([waiting]);
    }
  }

  private refuse(group: readonly Waiting<Row, Result>[], error: unknown): void {
    const failed = this.options.isDataError(error) ? [] : this.queue.splice(0);
    // What waits behind a store that is down would only wait for the same answer.
    for (const waiting of [...group, ...failed]) settle(waiting, () => waiting.reject(error));
  }

  private refuseOverdue(): void {
    this.tick += 1;
    const before = this.tick - Math.ceil(this.options.maxWaitMs / WATCH_MS);
    for (const waiting of [...this.queue, ...[...this.running.keys()].flat()]) {
      if (waiting.since < before) settle(waiting, () => waiting.reject(new OverloadedError('too_slow')));
    }
    this.queue = this.queue.filter((waiting) => !waiting.isSettled);
  }
}

function settle(waiting: { isSettled: boolean }, answer: () => void): void {
  if (waiting.isSettled) return;
  waiting.isSettled = true;
  answer();
}
