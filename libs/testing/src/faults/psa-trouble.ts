import type { RowRun } from './row.js';
import { ACCOUNTS_PER_PSA } from './system.js';

const OPEN = "SELECT 1 FROM psa_connection WHERE breaker = 'open'";
const NUMBERS = Array.from({ length: ACCOUNTS_PER_PSA }, (_, index) => index);

/** ConnectWise answers nothing while each account there has a failure; Autotask stands beside it. */
export class PsaTrouble {
  /** `jobs`: how the names of the failing jobs begin. */
  constructor(
    private readonly run: RowRun,
    private readonly jobs: string,
  ) {}

  async begin(kind: 'down' | 'hang'): Promise<void> {
    const { system } = this.run;
    await system.simulator.fail({ provider: 'connectwise', kind });
    for (const n of NUMBERS)
      await system.report(system.account('connectwise', n), 'failure', `${this.jobs}-${n}`);
  }

  async hasOpenedBreaker(): Promise<boolean> {
    return (await this.run.system.stores.count('ticketing-connectwise', OPEN)) === 1;
  }

  /** The other PSA has its ticket as fast as ever. */
  async neighbour(): Promise<void> {
    const { system, measured } = this.run;
    const job = `${this.jobs}-neighbour`;
    const startedAt = performance.now();
    await system.report(system.account('autotask', 0), 'failure', job);
    await system.ticket(job, 'open', 20_000);
    measured('ticket of the other PSA, ms', Math.round(performance.now() - startedAt));
  }

  async end(): Promise<void> {
    const { system } = this.run;
    await system.simulator.heal();
    for (const n of NUMBERS) await system.ticket(`${this.jobs}-${n}`, 'open', 90_000);
  }
}
