import { AsyncLocalStorage } from 'node:async_hooks';

export interface BatcherOptions<In, Out> {
  /** Does the work of all items at once; answers in their order. */
  run: (items: readonly In[]) => Promise<readonly Out[]>;
  /** Batches at work at the same time. */
  slots?: number;
  /** Weight of one batch at most; a single item may weigh more. */
  maxBatch?: number;
  weigh?: (item: In) => number;
  /** After this failure each item of the batch is tried for itself, so that one cannot fail the others. */
  isSplit?: (error: unknown) => boolean;
}

interface Waiting<In, Out> {
  item: In;
  resolve: (out: Out) => void;
  reject: (error: unknown) => void;
}

/**
 * Work that costs nearly the same for one as for many: what comes in the same turn of the loop, or while all slots are
 * busy, is done together. No timer: on a calm day an item waits for nothing.
 */
export class Batcher<In, Out> {
  private readonly queue: Waiting<In, Out>[] = [];
  private readonly options: Required<BatcherOptions<In, Out>>;
  /** Where the batcher was made: no batch runs in the context of one of its callers, such as that one's partner. */
  private readonly outside = AsyncLocalStorage.snapshot();
  private running = 0;
  private isScheduled = false;

  constructor(options: BatcherOptions<In, Out>) {
    this.options = { slots: 1, maxBatch: 200, weigh: () => 1, isSplit: () => false, ...options };
  }

  /** Resolves when the item's batch is done. @throws what `run` throws */
  add(item: In): Promise<Out> {
    return new Promise((resolve, reject) => {
      this.queue.push({ item, resolve, reject });
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.isScheduled || this.running >= this.options.slots) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      while (this.queue.length > 0 && this.running < this.options.slots) this.launch();
    });
  }

  private launch(): void {
    this.running += 1;
    void this.work(this.next()).finally(() => {
      this.running -= 1;
      if (this.queue.length > 0) this.schedule();
    });
  }

  private next(): Waiting<In, Out>[] {
    const { maxBatch, weigh } = this.options;
    let [count, weight] = [0, 0];
    for (const { item } of this.queue) {
      weight += weigh(item);
      if (count > 0 && weight > maxBatch) break;
      count += 1;
    }
    return this.queue.splice(0, count);
  }

  private async work(batch: readonly Waiting<In, Out>[]): Promise<void> {
    try {
      const outs = await this.outside(() => this.options.run(batch.map(({ item }) => item)));
      batch.forEach(({ resolve }, index) => resolve(outs[index] as Out));
    } catch (error) {
      if (batch.length > 1 && this.options.isSplit(error)) for (const one of batch) await this.work([one]);
      else for (const { reject } of batch) reject(error);
    }
  }
}
