import type { Provider } from '../tickets/ticket.js';
import { parseFault, type Fault, type Operation } from './fault.js';

/** The faults that operators switched on; the oldest that fits strikes first. */
export class FaultRegister {
  private faults: { fault: Fault; random: () => number }[] = [];
  private nextId = 1;

  add(input: unknown): Fault {
    const fault = parseFault(input, this.nextId);
    this.nextId += 1;
    this.faults.push({ fault, random: mulberry32(fault.seed) });
    return fault;
  }

  list(): Fault[] {
    return this.faults.map(({ fault }) => fault);
  }

  clear(filter: { id?: number; provider?: string } = {}): void {
    this.faults = this.faults.filter(
      ({ fault }) =>
        (filter.id !== undefined && fault.id !== filter.id) ||
        (filter.provider !== undefined && fault.provider !== filter.provider),
    );
  }

  /** The fault that strikes this request, used up by one. */
  take(provider: Provider, operation: Operation): Fault | null {
    for (const { fault, random } of this.faults) {
      if (fault.kind === 'search_lag' || !fits(fault, provider, operation)) continue;
      if (fault.rate < 1 && random() >= fault.rate) continue;
      if (fault.times !== null) fault.times -= 1;
      if (fault.times === 0) this.clear({ id: fault.id });
      return fault;
    }
    return null;
  }

  /** Milliseconds for which a new ticket stays out of searches. */
  searchLagMs(provider: Provider): number {
    const lags = this.faults.filter(
      ({ fault }) => fault.kind === 'search_lag' && fits(fault, provider, null),
    );
    return Math.max(0, ...lags.map(({ fault }) => fault.delayMs ?? 5_000));
  }
}

function fits(fault: Fault, provider: Provider, operation: Operation | null): boolean {
  const isProvider = fault.provider === null || fault.provider === provider;
  return isProvider && (operation === null || fault.match === null || fault.match === operation);
}

/** Small seeded generator, so that a rate gives the same run twice. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
