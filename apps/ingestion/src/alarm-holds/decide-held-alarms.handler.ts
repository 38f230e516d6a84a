import { type Clock, type Hold, isHolding, letOut, type PartnerId, PLATFORM } from '@backhaul/domain';
import { Problem } from '@backhaul/http';
import { outboxAuditTrail, type Tx, UnitOfWork } from '@backhaul/persistence';
import { Inject, Injectable } from '@nestjs/common';
import { AlarmBrake, putHold } from '../schedules/alarm-brake.js';
import { WayIn } from '../schedules/way-in.js';
import { CLOCK } from '../tokens.js';
import { AlarmHoldRepository, type Taken } from './alarm-hold.repository.js';
import { type HeldAlarmsDoneOut, nameOfHold } from './alarm-holds.types.js';
import type { HeldAlarms } from './held-alarms.js';

/** An operator looks at what the brake holds, lets it out, or drops it. PLATFORM as an id stands for all of it. */
@Injectable()
export class DecideHeldAlarmsHandler {
  private readonly alarms = new AlarmHoldRepository();
  private readonly brake = new AlarmBrake();
  private readonly wayIn: WayIn;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.wayIn = new WayIn(unitOfWork);
  }

  async page(after: string | null, limit: number): Promise<{ now: Date; rows: HeldAlarms[] }> {
    const now = this.clock.now();
    return { now, rows: await this.alarms.pageAcrossTenants(this.unitOfWork, now, after, limit) };
  }

  /** They are told with the next look, unless a report came meanwhile. @throws Problem 404, 409 */
  release(id: PartnerId, reason: string): Promise<HeldAlarmsDoneOut> {
    return this.decide(async (tx, holds, now) => {
      const isHeld = (each: string): boolean => {
        const hold = holds.get(each);
        return hold !== undefined && isHolding(hold, now.getTime());
      };
      const taken = await this.alarms.releaseAcrossTenants(tx, id, now);
      refuseUnknown(id, holds, taken);
      if (id !== PLATFORM && isHeld(PLATFORM))
        throw Problem.conflict('The alarms of all partners are held: release those.');
      const released = (id === PLATFORM ? [...holds.keys()] : [id]).filter(isHeld);
      if (released.length + taken.length === 0) throw Problem.conflict('They are let out already.');
      for (const each of released) await putHold(tx, each, letOut(now.getTime()));
      return this.done(tx, id, { action: 'alarm-hold.release', reason, taken });
    });
  }

  /** They are not told; what comes to be held afterwards is held as before. @throws Problem 404, 409 */
  drop(id: PartnerId, reason: string): Promise<HeldAlarmsDoneOut> {
    return this.decide(async (tx, holds, now) => {
      const taken = await this.alarms.dropAcrossTenants(tx, id, now);
      refuseUnknown(id, holds, taken);
      if (taken.length === 0) throw Problem.conflict('Nothing is held.');
      return this.done(tx, id, { action: 'alarm-hold.drop', reason, taken });
    });
  }

  /** While nobody else lets alarms out, or begins to hold them. */
  private decide<T>(work: (tx: Tx, holds: ReadonlyMap<string, Hold>, now: Date) => Promise<T>): Promise<T> {
    return this.unitOfWork.run(async (tx) => {
      const now = this.clock.now();
      const { outages } = await this.wayIn.readAcrossTenants(tx, now.getTime());
      return work(tx, await this.brake.takeAcrossTenants(tx, { now, outages }), now);
    });
  }

  /** Each partner reads in its own log what was decided of its alarms; the platform's has the sum. */
  private async done(
    tx: Tx,
    id: PartnerId,
    { action, reason, taken }: { action: string; reason: string; taken: readonly Taken[] },
  ): Promise<HeldAlarmsDoneOut> {
    const alarms = taken.reduce((sum, each) => sum + each.alarms, 0);
    const target = { kind: 'alarm-hold', id: nameOfHold(id) };
    const others = taken.filter(({ partnerId }) => partnerId !== id);
    for (const each of [{ partnerId: id, alarms }, ...others]) {
      const detail = { reason: reason.trim(), alarms: each.alarms };
      await outboxAuditTrail.record(tx, each.partnerId, { action, target, detail });
    }
    return { alarms, partners: taken.length };
  }
}

/** Neither is it held, nor was it lately. */
function refuseUnknown(id: PartnerId, holds: ReadonlyMap<string, Hold>, taken: readonly Taken[]): void {
  if (!holds.has(id) && (id === PLATFORM || taken.length === 0)) throw Problem.notFound();
}
