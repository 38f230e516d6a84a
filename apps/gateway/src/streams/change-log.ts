import type { Change } from './change.js';

export interface ChangeLogOptions {
  /** How far back a listener may go on from. */
  keepMs: number;
  /** Changes kept at most. */
  most: number;
}

const MOST_BRANDS = 200_000;

/** The changes of the last minutes, for who was away for a moment, and where accounts were last seen. */
export class ChangeLog {
  private kept: Change[] = [];
  private completeSinceMs = Infinity;
  private readonly brandOfAccount = new Map<number, string | null>();

  constructor(private readonly options: ChangeLogOptions) {}

  /** From then on nothing is missing here. */
  beginAt(ms: number): void {
    this.kept = [];
    this.completeSinceMs = ms;
  }

  /** Answers the change with its brand where an earlier record of the account said it. */
  add(given: Change): Change {
    const change = this.placed(given);
    this.kept.push(change);
    const oldestMs = change.atMs - this.options.keepMs;
    if (
      this.kept.length > this.options.most ||
      (this.kept[0]?.atMs ?? Infinity) < oldestMs - this.options.keepMs
    )
      this.trim(oldestMs);
    return change;
  }

  /** Null where some of it is forgotten, or was never known. */
  since(ms: number): readonly Change[] | null {
    if (ms < this.completeSinceMs) return null;
    return this.kept.filter(({ atMs }) => atMs >= ms);
  }

  private trim(oldestMs: number): void {
    const recent = this.kept.filter(({ atMs }) => atMs >= oldestMs);
    const { most } = this.options;
    const cut = recent.length > most ? recent.slice(recent.length - (most >> 1)) : recent;
    this.completeSinceMs = Math.max(
      this.completeSinceMs,
      cut.length < recent.length ? (cut[0]?.atMs ?? oldestMs) : oldestMs,
    );
    this.kept = cut;
  }

  private placed(change: Change): Change {
    const { accountNo, brandId } = change;
    if (accountNo === null) return change;
    if (brandId === undefined) return { ...change, brandId: this.brandOfAccount.get(accountNo) };
    this.brandOfAccount.delete(accountNo);
    this.brandOfAccount.set(accountNo, brandId);
    if (this.brandOfAccount.size > MOST_BRANDS)
      this.brandOfAccount.delete(this.brandOfAccount.keys().next().value as number);
    return change;
  }
}
