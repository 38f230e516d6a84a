import type { PartnerId } from '@backhaul/domain';
import { etagOf, Problem, requireIfMatch } from '@backhaul/http';
import { outboxAuditTrail, type Scope, type Tx, UnitOfWork } from '@backhaul/persistence';
import { Injectable } from '@nestjs/common';
import { AlarmFacts } from './alarm-facts.js';
import { jobIdOf, rescheduled } from './expectation.js';
import { ExpectationRepository } from './expectation.repository.js';
import type { AccountSchedule } from './schedule-out.js';
import { scheduleRefusals, settingsOf } from './schedule-settings-in.js';
import type { ScheduleIn } from './schedules.types.js';
import { ScheduleLog } from './schedule-log.js';
import { ScheduleSettingsRepository } from './settings.repository.js';

type Found = AccountSchedule & { partnerId: PartnerId };

/** When runs of an account are expected. All throw Problem 404. */
@Injectable()
export class ChangeScheduleHandler {
  private readonly settings = new ScheduleSettingsRepository();
  private readonly expectations = new ExpectationRepository();
  private readonly facts = new AlarmFacts();
  private readonly log = new ScheduleLog();

  constructor(private readonly unitOfWork: UnitOfWork) {}

  find(scope: Scope, accountNo: number): Promise<AccountSchedule> {
    return this.unitOfWork.run((tx) => this.read(tx, scope, accountNo));
  }

  /** What is left out is as by default. @throws Problem 404, 412, 422, 428 */
  change(
    scope: Scope,
    accountNo: number,
    ifMatch: string | undefined,
    body: ScheduleIn,
  ): Promise<AccountSchedule> {
    return this.unitOfWork.run(async (tx) => {
      const known = await this.read(tx, scope, accountNo, 'FOR UPDATE');
      requireIfMatch(ifMatch, scheduleEtag(known));
      refuse(body, known);
      const changed = { ...known, settings: settingsOf(body), version: known.version + 1 };
      if (!(await this.settings.write(tx, known, changed))) throw Problem.preconditionFailed();
      const expectations = known.expectations.map((one) => rescheduled(one, changed.settings));
      await this.expectations.write(tx, expectations);
      await record(tx, changed);
      return { ...changed, expectations };
    });
  }

  private async read(tx: Tx, scope: Scope, accountNo: number, lock?: 'FOR UPDATE'): Promise<Found> {
    const stored = await this.settings.find(tx, scope, accountNo);
    if (!stored) throw Problem.notFound();
    // A job that is just being learned of goes by the settings of before, and is no row yet that could be locked.
    if (lock) await this.log.hold(tx, accountNo);
    const expectations = await this.expectations.ofAccount(tx, accountNo, lock);
    return {
      accountNo,
      ...stored,
      expectations,
      names: await this.facts.namesAcrossTenants(tx, expectations),
    };
  }
}

export const scheduleEtag = ({ accountNo, version }: AccountSchedule): string =>
  etagOf({ accountNo, version });

function refuse(body: ScheduleIn, { expectations }: AccountSchedule): void {
  const jobs = expectations.filter(({ kind }) => kind === 'job');
  const refused = scheduleRefusals(body, new Set(jobs.map(({ jobHash }) => jobIdOf(jobHash))));
  if (refused.length > 0) throw Problem.unprocessable('The schedule does not fit together.', refused);
}

function record(tx: Tx, { partnerId, accountNo, settings }: Found): Promise<void> {
  const target = { kind: 'account', id: accountNo };
  return outboxAuditTrail.record(tx, partnerId, {
    action: 'account.schedule',
    target,
    detail: { ...settings },
  });
}
