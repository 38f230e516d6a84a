import { clientNetwork, Problem } from '@backhaul/http';
import type { RateLimiter } from './rate-limiter.js';

/** Who shows made-up credentials pays for them: by network, since an address of IPv6 costs nothing. */
export class RefusalBudget {
  constructor(private readonly limiter: RateLimiter) {}

  /** @throws Problem 429 once too much was refused */
  assertSome(ip: string): void {
    const waitS = this.limiter.waitFor(clientNetwork(ip));
    if (waitS > 0) throw tooMuch(waitS);
  }

  /** Charges the network for a 401. @throws what `work` throws, or Problem 429 in its place once too much was refused */
  async counted<T>(ip: string, work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const isRefusal = error instanceof Problem && error.status === 401;
      const waitS = isRefusal ? this.limiter.take(clientNetwork(ip)) : 0;
      throw waitS > 0 ? tooMuch(waitS) : error;
    }
  }
}

const tooMuch = (waitS: number): Problem =>
  Problem.tooMany(waitS, 'Too many credentials from your network were not good.');
