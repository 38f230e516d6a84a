import type { Account } from './partner.js';
import type { Result } from './duplicati.js';

/** A report that was answered with 200. */
export interface Accepted {
  account: Account;
  job: string;
  result: Result;
  at: Date;
}

/** What agents were told, kept outside the system: the invariants compare the system with it. */
export class Ledger {
  readonly accepted: Accepted[] = [];
  /** Records that rows had set aside on purpose, by service. */
  readonly deadLetters = new Map<string, number>();
  /** Events whose record was set aside on purpose: nothing comes of them. */
  readonly given = new Set<string>();
  private readonly givenJobs = new Set<string>();
  private readonly owners = new Map<string, number>();
  private readonly lastAt = new Map<string, number>();

  /** A time that is newer than every other of that job. */
  nextTime(account: Account, job: string): Date {
    const key = placeOf(account, job);
    const at = Math.max(Date.now(), (this.lastAt.get(key) ?? 0) + 1000);
    this.lastAt.set(key, at);
    return new Date(at);
  }

  note(accepted: Accepted): void {
    const { job, account } = accepted;
    // Tickets are told apart by the name of their job.
    const owner = this.owners.get(job) ?? account.accountNo;
    if (owner !== account.accountNo) throw new Error(`Job ${job} belongs to account ${owner}`);
    this.owners.set(job, owner);
    this.accepted.push(accepted);
  }

  expectDeadLetter(service: string, count = 1): void {
    this.deadLetters.set(service, (this.deadLetters.get(service) ?? 0) + count);
  }

  give(job: string, eventIds: readonly string[]): void {
    this.givenJobs.add(job);
    for (const eventId of eventIds) this.given.add(eventId);
  }

  /** Job → its newest result, which is the one that counts. */
  standing(): Map<string, Accepted & { everFailed: boolean }> {
    const newest = new Map<string, Accepted & { everFailed: boolean }>();
    for (const one of this.accepted.filter(({ job }) => !this.givenJobs.has(job))) {
      const key = placeOf(one.account, one.job);
      const known = newest.get(key);
      const everFailed = (known?.everFailed ?? false) || one.result === 'failure';
      newest.set(key, { ...(known && known.at > one.at ? known : one), everFailed });
    }
    return newest;
  }
}

export const placeOf = ({ accountNo }: Pick<Account, 'accountNo'>, job: string): string =>
  `${accountNo}/${job}`;
