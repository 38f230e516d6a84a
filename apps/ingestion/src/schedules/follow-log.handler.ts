import {
  accountAfter, jobAfter, newAccountWatch, newJobWatch, type ScheduleSettings, sightingOf,
} from '@backhaul/domain'; // prettier-ignore
import type { Tx, UnitOfWork } from '@backhaul/persistence';
import { type Expectation, OF_ACCOUNT, rescheduled } from './expectation.js';
import { heardAfter } from './heard.js';
import type { ExpectationKey, ExpectationRepository } from './expectation.repository.js';
import type { LoggedRun, ScheduleLog } from './schedule-log.js';
import type { ScheduleSettingsRepository } from './settings.repository.js';

const AT_ONCE = 2000;

export interface Followed {
  /** Looked at to the end of the log. */
  buckets: number[];
  /** Whether there is more to read than was read at once. */
  hasMore: boolean;
  events: number;
}

/**
 * Moves on what is expected by the results that came. It follows the log behind those who write it, so that a report
 * costs its agent nothing more; what it learns and how far it read are one transaction.
 */
export class FollowLogHandler {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly log: ScheduleLog,
    private readonly expectations: ExpectationRepository,
    private readonly settings: ScheduleSettingsRepository,
  ) {}

  async handle(now: Date, everyMs: number, atOnce = AT_ONCE): Promise<Followed> {
    return this.unitOfWork.run(async (tx) => {
      const buckets = await this.log.claim(tx, now, everyMs);
      if (buckets.length === 0) return { buckets, hasMore: false, events: 0 };
      const runs = await this.log.read(tx, buckets, atOnce);
      await this.learn(
        tx,
        runs.filter((run) => sightingOf(run) !== null),
      );
      await this.log.advance(tx, runs);
      const hasMore = runs.length === atOnce;
      if (hasMore) return { buckets: [], hasMore, events: runs.length };
      await this.log.noteLook(tx, buckets, now);
      return { buckets, hasMore, events: runs.length };
    });
  }

  private async learn(tx: Tx, runs: readonly LoggedRun[]): Promise<void> {
    if (runs.length === 0) return;
    const known = new Map<string, Expectation>();
    for (const one of await this.expectations.findAcrossTenants(tx, keysOf(runs)))
      known.set(nameOf(one), one);
    for (const run of runs) {
      for (const one of [jobOf(known, run), accountOf(known, run)]) known.set(nameOf(one), one);
    }
    const settingsOf = await this.settings.ofAccountsAcrossTenants(
      tx,
      runs.map(({ accountNo }) => accountNo),
    );
    await this.expectations.write(tx, rescheduledAll([...known.values()], settingsOf));
  }
}

const nameOf = ({ accountNo, jobHash }: ExpectationKey): string => `${accountNo}/${jobHash}`;

/** Each job, and each account as a whole, once. */
function keysOf(runs: readonly LoggedRun[]): ExpectationKey[] {
  const keys = runs.flatMap(({ accountNo, jobHash }) => [
    { accountNo, jobHash },
    { accountNo, jobHash: OF_ACCOUNT },
  ]);
  return [...new Map(keys.map((key) => [nameOf(key), key])).values()];
}

const placeOf = ({ partnerId, accountNo, bucket }: LoggedRun) => ({
  partnerId,
  accountNo,
  bucket,
  ver: 0,
  dueMs: null,
  heldMs: null,
  heard: null,
});

function jobOf(known: ReadonlyMap<string, Expectation>, run: LoggedRun): Expectation {
  const { jobHash, eventId: lastEventId, receivedMs: knownSinceMs } = run;
  const one = known.get(nameOf(run));
  const before =
    one?.kind === 'job'
      ? one
      : { ...placeOf(run), kind: 'job' as const, jobHash, knownSinceMs, watch: newJobWatch() };
  return { ...before, lastEventId, heard: heardAfter(before.heard, run), watch: jobAfter(before.watch, run) };
}

function accountOf(known: ReadonlyMap<string, Expectation>, run: LoggedRun): Expectation {
  const { eventId: lastEventId, receivedMs } = run;
  const one = known.get(nameOf({ ...run, jobHash: OF_ACCOUNT }));
  const before =
    one?.kind === 'account'
      ? one
      : {
          ...placeOf(run),
          kind: 'account' as const,
          jobHash: '0' as const,
          watch: newAccountWatch(receivedMs),
        };
  return { ...before, lastEventId, watch: accountAfter(before.watch, run) };
}

const rescheduledAll = (
  all: readonly Expectation[],
  settingsOf: (accountNo: number) => ScheduleSettings,
): Expectation[] => all.map((one) => rescheduled(one, settingsOf(one.accountNo)));
