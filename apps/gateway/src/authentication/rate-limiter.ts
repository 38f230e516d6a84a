interface Bucket {
  tokens: number;
  atMs: number;
}

const SWEEP_ABOVE = 10_000;

/** A token bucket per key, in this process: with n gateways a key may spend n times as much. */
export class RateLimiter {
  private readonly buckets = new Map<string, Bucket>();

  constructor(private readonly options: { perSecond: number; burst: number; nowMs: () => number }) {}

  /** Takes one token; 0, or the seconds after which one is there. */
  take(key: string): number {
    const waitS = this.waitFor(key);
    if (waitS === 0) this.bucketOf(key).tokens -= 1;
    return waitS;
  }

  /** The seconds after which a token is there; 0 when one is. Takes none. */
  waitFor(key: string): number {
    const { tokens } = this.bucketOf(key);
    return tokens < 1 ? Math.max(1, (1 - tokens) / this.options.perSecond) : 0;
  }

  private bucketOf(key: string): Bucket {
    const { perSecond, burst, nowMs } = this.options;
    const now = nowMs();
    const bucket = this.buckets.get(key) ?? { tokens: burst, atMs: now };
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.atMs) / 1000) * perSecond);
    bucket.atMs = now;
    this.buckets.set(key, bucket);
    if (this.buckets.size > SWEEP_ABOVE) this.sweep(now);
    return bucket;
  }

  private sweep(now: number): void {
    const fullAfterMs = (this.options.burst / this.options.perSecond) * 1000;
    for (const [key, { atMs }] of this.buckets) if (now - atMs > fullAfterMs) this.buckets.delete(key);
  }
}
