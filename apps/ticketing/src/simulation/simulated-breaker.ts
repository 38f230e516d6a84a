/** The row of a connection: who may call, and when. */
export class SimulatedBreaker {
  private state: 'closed' | 'open' | 'half_open' = 'closed';
  private until = 0;
  private resumeAt = 0;
  private opens = 0;
  private failures = 0;

  constructor(
    private readonly clock: { now: number },
    private readonly probeMs: number,
  ) {}

  /** When a claim may next succeed. */
  get freeAt(): number {
    return Math.max(this.resumeAt, this.state === 'closed' ? 0 : this.until);
  }

  /** Null: nobody may call. */
  claim(): { isProbe: boolean } | null {
    if (this.freeAt > this.clock.now) return null;
    if (this.state === 'closed') return { isProbe: false };
    this.state = 'half_open';
    this.until = this.clock.now + this.probeMs;
    return { isProbe: true };
  }

  answered(isProbe: boolean): void {
    this.failures = 0;
    if (!isProbe || this.state !== 'half_open') return;
    this.state = 'closed';
    this.opens = 0;
  }

  failed(isProbe: boolean): void {
    this.failures += 1;
    const mayOpen =
      (this.state === 'closed' && this.failures >= 3) || (isProbe && this.state === 'half_open');
    if (!mayOpen) return;
    this.state = 'open';
    this.until = this.clock.now + Math.min(60_000, 3000 * 2 ** this.opens);
    this.opens += 1;
    this.failures = 0;
  }

  unprobed(isProbe: boolean): void {
    if (isProbe && this.state === 'half_open') this.until = this.clock.now;
  }

  pause(ms: number): void {
    this.resumeAt = Math.max(this.resumeAt, this.clock.now + ms);
  }
}
