import type { Leases } from './leases.js';
import type { RelayRow, RelaySource } from './outbox-source.js';

const LOOK_ASIDE_MS = 200;

/** A busy source and, looked at now and then, one that seldom has anything: one relay carries both. */
export class JoinedSource implements RelaySource {
  private readonly sourceOf = new WeakMap<RelayRow, RelaySource>();
  private lookedAsideAt = -Infinity;

  constructor(
    private readonly busy: RelaySource,
    private readonly quiet: RelaySource,
    private readonly monotonicMs: () => number = () => performance.now(),
  ) {}

  async read(buckets: number[], limit: number): Promise<RelayRow[]> {
    const rows = await this.from(this.busy, buckets, limit);
    if (this.monotonicMs() - this.lookedAsideAt < LOOK_ASIDE_MS) return rows;
    this.lookedAsideAt = this.monotonicMs();
    return [...rows, ...(await this.from(this.quiet, buckets, limit))];
  }

  async advance(leases: Leases, rows: readonly RelayRow[]): Promise<void> {
    for (const source of [this.busy, this.quiet]) {
      const own = rows.filter((row) => this.sourceOf.get(row) === source);
      if (own.length > 0) await source.advance(leases, own);
    }
  }

  async refuse(leases: Leases, row: RelayRow, reason: string): Promise<void> {
    await (this.sourceOf.get(row) ?? this.busy).refuse(leases, row, reason);
  }

  private async from(source: RelaySource, buckets: number[], limit: number): Promise<RelayRow[]> {
    const rows = await source.read(buckets, limit);
    for (const row of rows) this.sourceOf.set(row, source);
    return rows;
  }
}
