import { type Due, isUuid, type Outage } from '@backhaul/domain';
import type { Tx } from '@backhaul/persistence';
import type { Logger } from '@backhaul/telemetry';
import type { EventRow } from '../intake/event-row.js';
import type { AlarmFacts } from './alarm-facts.js';
import type { Expectation } from './expectation.js';
import { inferredEvent, type KnownAccount, type Named } from './inferred-event.js';
import { judge, type Judgement } from './judgement.js';
import type { ScheduleSettingsRepository } from './settings.repository.js';

const HOUR_MS = 3_600_000;

export interface Alarm {
  due: Due;
  before: Expectation;
  after: Expectation;
  row: EventRow;
}

export interface Judged {
  alarms: Alarm[];
  /** With the time to look at them again. */
  waiting: Expectation[];
  excused: number;
  poisoned: number;
}

export interface Time {
  now: Date;
  watermarkMs: number;
  outages: readonly Outage[];
}

interface Known {
  accounts: ReadonlyMap<number, KnownAccount>;
  firstSeen: ReadonlyMap<number, number>;
  names: ReadonlyMap<string, Named>;
}

/** Judges what is due, and words what is to be told. */
export class Alarms {
  constructor(
    private readonly facts: AlarmFacts,
    private readonly settings: ScheduleSettingsRepository,
    /** From 0 up to 1. */
    private readonly random: () => number,
    private readonly logger: Pick<Logger, 'error'>,
  ) {}

  /** Of nothing that is due nothing is said: what cannot be judged waits an hour, and holds up no other. */
  async ofAcrossTenants(tx: Tx, due: readonly Expectation[], time: Time): Promise<Judged> {
    const { facts, settings } = this;
    const accounts = await facts.accountsAcrossTenants(tx, due);
    const firstSeen = await facts.firstSeenAcrossTenants(tx, due);
    const names = await facts.namesAcrossTenants(tx, due);
    const numbers = due.map(({ accountNo }) => accountNo);
    const settingsOf = await settings.ofAccountsAcrossTenants(tx, numbers);
    const judged: Judged = { alarms: [], waiting: [], excused: 0, poisoned: 0 };
    for (const one of due) {
      const account = accounts.get(one.accountNo) ?? null;
      const firstSeenMs = firstSeen.get(one.accountNo) ?? null;
      const evidence = { ...time, nowMs: time.now.getTime(), account, firstSeenMs, spread: this.random() };
      try {
        const judgement = judge(one, { ...evidence, settings: settingsOf(one.accountNo) });
        sort(judged, one, judgement, { accounts, firstSeen, names }, time.now);
      } catch (error) {
        this.logger.error(
          { err: error, accountNo: one.accountNo },
          'a missed backup cannot be told; put off by an hour',
        );
        judged.poisoned += 1;
        judged.waiting.push({ ...one, dueMs: time.now.getTime() + HOUR_MS, heldMs: null });
      }
    }
    return judged;
  }
}

function sort(
  judged: Judged,
  before: Expectation,
  { raise, expectation }: Judgement,
  known: Known,
  now: Date,
): void {
  const account = known.accounts.get(before.accountNo);
  if (raise === null || account === undefined) judged.waiting.push(expectation);
  else
    judged.alarms.push({
      due: raise,
      before,
      after: expectation,
      row: rowOf(before, raise, known, account, now),
    });
  if (expectation.watch.excusedMs !== before.watch.excusedMs) judged.excused += 1;
}

/** @throws Error where the event that names the job cannot be read any more */
function rowOf(
  expectation: Expectation,
  due: Due,
  { names }: Known,
  account: KnownAccount,
  now: Date,
): EventRow {
  const { lastEventId, kind } = expectation;
  const named = isUuid(lastEventId) ? (names.get(lastEventId) ?? null) : null;
  if (kind === 'job' && named === null) throw new Error('Nothing names the job');
  return inferredEvent(expectation, due, { named, account, now });
}
