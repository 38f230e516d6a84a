import type { Clock } from '@backhaul/domain';
import type { UnitOfWork } from '@backhaul/persistence';
import { lowestIdOf } from '../events/event-time.js';
import type { LogPartition, LogPartitions } from '../partitions/log-partitions.js';
import { EMPTY_BESIDE, IS_NEEDED, ONE_EMPTIES, PARTNERS_WITH_OLD, REMOVE, REMOVE_ORPHANS } from './log-retention.sql.js'; // prettier-ignore

const DAY_MS = 86_400_000;
const LOWEST = '00000000-0000-0000-0000-000000000000';
/** Agents repeat what they could not deliver for days, and a result counts as late up to 32 days after it happened. */
export const LEAST_DAYS = 35;
export const MOST_DAYS = 3650;

interface Keeper {
  partnerId: string;
  /** Null: as long as the installation says. */
  days: number | null;
}

/** The last event of a batch. */
interface Behind {
  partnerId: string;
  eventId: string;
}

interface Removed {
  looked: number;
  removed: number;
  last: string | null;
}

export interface RetentionDone {
  removed: number;
  dropped: string[];
}

/**
 * Takes from the log what is older than its partner keeps it, with all that goes with it: months that nobody keeps any
 * more whole, the rest in batches. What waits, whatever for, stays until it is done with.
 */
export class LogRetention {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly partitions: LogPartitions,
    private readonly clock: Clock,
    private readonly days: number,
    private readonly batch = 500,
  ) {}

  /** Ends early, between two batches, once `signal` says so. Any number of processes may do it at once. */
  async pass(signal: AbortSignal): Promise<RetentionDone> {
    const dropped = await this.dropMonths(signal);
    let removed = 0;
    for (const { partnerId, days } of await this.keepers()) {
      if (signal.aborted) break;
      removed += await this.removeOf(partnerId, this.idBefore(days ?? this.days), signal);
    }
    await this.unitOfWork.query(REMOVE_ORPHANS, [this.idBefore(await this.longest()), this.batch]);
    return { removed, dropped };
  }

  private async dropMonths(signal: AbortSignal): Promise<string[]> {
    const longest = await this.longest();
    const dropped: string[] = [];
    for (const month of await this.partitions.ofBefore(this.idBefore(longest))) {
      if (signal.aborted || (await this.isNeeded(month))) continue;
      const isEmptied = await this.emptyBeside(month, signal);
      if (isEmptied && (await this.partitions.drop(month, this.timeBefore(longest))))
        dropped.push(month.name);
    }
    return dropped;
  }

  private async isNeeded({ name, fromId, toId }: LogPartition): Promise<boolean> {
    const [row] = await this.unitOfWork.query<{ isNeeded: boolean }>(IS_NEEDED, [name, fromId, toId]);
    return row?.isNeeded ?? true;
  }

  /** False where it was not done to the end: another process is at it, or this one is to stop. */
  private async emptyBeside(month: LogPartition, signal: AbortSignal): Promise<boolean> {
    let done: Behind | 'all' | 'taken' = { partnerId: LOWEST, eventId: LOWEST };
    while (typeof done === 'object' && !signal.aborted) done = await this.emptyBatch(month, done);
    return done === 'all';
  }

  private emptyBatch({ fromId, toId }: LogPartition, behind: Behind): Promise<Behind | 'all' | 'taken'> {
    const params = [fromId, toId, behind.partnerId, behind.eventId, this.batch];
    return this.unitOfWork.run(async (tx) => {
      const [lock] = await tx.query<{ isOurs: boolean }>(ONE_EMPTIES);
      if (!lock?.isOurs) return 'taken';
      const [last] = await tx.query<Behind & { looked: number }>(EMPTY_BESIDE, params);
      return last?.looked === this.batch ? last : 'all';
    });
  }

  private async removeOf(partnerId: string, before: string, signal: AbortSignal): Promise<number> {
    let removed = 0;
    let behind = LOWEST;
    while (!signal.aborted) {
      const [batch] = await this.unitOfWork.query<Removed>(REMOVE, [partnerId, behind, before, this.batch]);
      removed += batch?.removed ?? 0;
      if (!batch?.last || batch.looked < this.batch) break;
      behind = batch.last;
    }
    return removed;
  }

  private async keepers(): Promise<Keeper[]> {
    const [row] = await this.unitOfWork.query<{ days: number | null }>(
      'SELECT min(days) AS days FROM event_retention',
    );
    const shortest = Math.min(this.days, row?.days ?? this.days);
    return this.unitOfWork.query<Keeper>(PARTNERS_WITH_OLD, [this.idBefore(shortest)]);
  }

  private async longest(): Promise<number> {
    const [row] = await this.unitOfWork.query<{ days: number | null }>(
      'SELECT max(days) AS days FROM event_retention',
    );
    return Math.max(this.days, row?.days ?? this.days);
  }

  private timeBefore(days: number): Date {
    return new Date(this.clock.now().getTime() - days * DAY_MS);
  }

  private idBefore(days: number): string {
    return lowestIdOf(this.timeBefore(days).getTime());
  }
}
