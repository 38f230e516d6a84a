import type { AlarmType } from '@backhaul/domain';
import { isDataError, type Tx, type UnitOfWork } from '@backhaul/persistence';
import { compareRows } from '../intake/event.writer.js';
import { type EventRow, INSERT_EVENTS, insertParameters } from '../intake/event-row.js';
import type { AlarmBrake } from './alarm-brake.js';
import type { Alarm, Alarms } from './alarms.js';
import type { Expectation } from './expectation.js';
import type { ExpectationRepository } from './expectation.repository.js';
import type { ScheduleLog } from './schedule-log.js';
import type { WayIn } from './way-in.js';

export const AT_ONCE = 500;
const HOUR_MS = 3_600_000;
/** What was held comes back over so long. */
const SPREAD_MS = 600_000;
/** By then the log has been followed to where it says what came of them. */
const UNREAD_MS = 5000;

export interface RaiseParts {
  unitOfWork: UnitOfWork;
  log: ScheduleLog;
  expectations: ExpectationRepository;
  alarms: Alarms;
  brake: AlarmBrake;
  wayIn: WayIn;
  /** From 0 up to 1. */
  random: () => number;
}

/** What came of a look. */
export interface Raised {
  looked: number;
  raised: AlarmType[];
  held: number;
  excused: number;
  /** Set aside for an hour, since nothing could be made of them. */
  poisoned: number;
}

const nothing = (): Raised => ({ looked: 0, raised: [], held: 0, excused: 0, poisoned: 0 });

/**
 * Tells of what is due and did not come. Any number of processes may do so at once: who claims a row has it locked, and
 * the event, the row's new state and its next look are one transaction.
 */
export class RaiseAlarmsHandler {
  constructor(private readonly parts: RaiseParts) {}

  /** Of those buckets, which have been followed to the end of the log. As many `looked` as `atOnce`: there may be more. */
  async handle(buckets: readonly number[], now: Date, atOnce = AT_ONCE): Promise<Raised> {
    try {
      return await this.raise(buckets, now, atOnce);
    } catch (error) {
      if (!isDataError(error)) throw error;
      return this.oneByOne(buckets, now, atOnce);
    }
  }

  private raise(
    buckets: readonly number[],
    now: Date,
    atOnce: number,
    claimed: Expectation[] = [],
  ): Promise<Raised> {
    return this.parts.unitOfWork.run(async (tx) => {
      const { expectations, wayIn, log } = this.parts;
      const { watermarkMs, outages } = await wayIn.readAcrossTenants(tx, now.getTime());
      const due = await expectations.claimDueAcrossTenants(tx, buckets, watermarkMs, atOnce);
      claimed.splice(0, claimed.length, ...due);
      if (due.length === 0) return nothing();
      const unread = await log.unread(tx, due);
      const settled = due.filter(({ accountNo }) => !unread.has(accountNo));
      const later = due.filter(({ accountNo }) => unread.has(accountNo));
      const time = { now, watermarkMs, outages };
      const { alarms, waiting, excused, poisoned } = await this.parts.alarms.ofAcrossTenants(
        tx,
        settled,
        time,
      );
      const result = { ...nothing(), looked: due.length, excused, poisoned };
      waiting.push(...later.map((one) => ({ ...one, dueMs: now.getTime() + UNREAD_MS })));
      const isPart = due.length === atOnce;
      const wish = { now, alarms: byPartner(alarms), outages, dueBeforeMs: isPart ? watermarkMs : null };
      const heldUntil = alarms.length > 0 ? await this.parts.brake.admitAcrossTenants(tx, wish) : () => null;
      const written = alarms.map((alarm) =>
        this.decided(alarm, now, heldUntil(alarm.before.partnerId), result),
      );
      await insert(
        tx,
        written.flatMap(({ row }) => row ?? []),
      );
      await expectations.write(tx, [...waiting, ...written.map(({ expectation }) => expectation)]);
      return result;
    });
  }

  private decided(
    { due, before, after, row }: Alarm,
    now: Date,
    heldUntilMs: number | null,
    result: Raised,
  ): { row: EventRow | null; expectation: Expectation } {
    if (heldUntilMs === null) {
      result.raised.push(due.type);
      return { row, expectation: after };
    }
    result.held += 1;
    const dueMs = heldUntilMs + this.parts.random() * SPREAD_MS;
    return { row: null, expectation: { ...before, dueMs, heldMs: before.heldMs ?? now.getTime() } };
  }

  /** One of them is refused by the database: the others are told all the same, and that one waits an hour. */
  private async oneByOne(buckets: readonly number[], now: Date, atOnce: number): Promise<Raised> {
    const sum = nothing();
    for (let left = atOnce; left > 0; left -= 1) {
      const claimed: Expectation[] = [];
      const one = await this.raise(buckets, now, 1, claimed).catch((error: unknown) => {
        if (!isDataError(error)) throw error;
        return this.putOff(claimed, now);
      });
      if (one.looked === 0) break;
      sum.looked += one.looked;
      sum.raised.push(...one.raised);
      sum.held += one.held;
      sum.excused += one.excused;
      sum.poisoned += one.poisoned;
    }
    return sum;
  }

  private putOff(claimed: readonly Expectation[], now: Date): Promise<Raised> {
    const { unitOfWork, expectations } = this.parts;
    return unitOfWork.run(async (tx) => {
      const known = await expectations.findAcrossTenants(tx, claimed);
      await expectations.write(tx, known.map((one) => ({ ...one, dueMs: now.getTime() + HOUR_MS, heldMs: null }))); // prettier-ignore
      return { ...nothing(), looked: claimed.length, poisoned: claimed.length };
    });
  }
}

function byPartner(alarms: readonly Alarm[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { before } of alarms) counts.set(before.partnerId, (counts.get(before.partnerId) ?? 0) + 1);
  return counts;
}

async function insert(tx: Tx, rows: readonly EventRow[]): Promise<void> {
  if (rows.length > 0) await tx.query(INSERT_EVENTS, insertParameters([...rows].sort(compareRows)));
}
