const BURST_SECONDS = 4;

/** So many a second on the long run, four times that at once. */
export class TokenBucket {
  private tokens: number;

  constructor(
    private readonly perSecond: number,
    private at: number,
  ) {
    this.tokens = perSecond * BURST_SECONDS;
  }

  /** Takes `count` tokens. Answers 0, or how many seconds to wait. */
  take(count: number, nowMs: number): number {
    const refilled = this.tokens + ((nowMs - this.at) / 1000) * this.perSecond;
    this.tokens = Math.min(refilled, this.perSecond * BURST_SECONDS);
    this.at = nowMs;
    // Below zero is allowed once, so that an array larger than the burst is not refused for ever.
    if (this.tokens <= 0) return Math.max(1, Math.ceil((1 - this.tokens) / this.perSecond));
    this.tokens -= count;
    return 0;
  }
}
