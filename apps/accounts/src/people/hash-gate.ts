import { Problem } from '@backhaul/http';

/**
 * How many may hash a password at once, and how many may wait for it. A hash costs a core about 0.1 s and 19 MiB on
 * purpose; without the gate, logging in would be a way to stop everything else.
 */
export class HashGate {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly atOnce = 4,
    private readonly queue = 50,
  ) {}

  /** @throws Problem 503 when too many wait already */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= this.atOnce) {
      if (this.waiting.length >= this.queue)
        throw Problem.tooBusy(3, 'Too many log in right now; try again soon.');
      await new Promise<void>((resume) => this.waiting.push(resume));
    } else {
      this.running += 1;
    }
    try {
      return await work();
    } finally {
      // Who waits takes the place over, so nobody slips in between.
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }
}
