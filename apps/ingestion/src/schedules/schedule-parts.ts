import type { UnitOfWork } from '@backhaul/persistence';
import type { Logger } from '@backhaul/telemetry';
import { AlarmBrake } from './alarm-brake.js';
import { AlarmFacts } from './alarm-facts.js';
import { Alarms } from './alarms.js';
import { ExpectationRepository } from './expectation.repository.js';
import { FollowLogHandler } from './follow-log.handler.js';
import { RaiseAlarmsHandler } from './raise-alarms.handler.js';
import { ScheduleLog } from './schedule-log.js';
import { ScheduleMetrics } from './schedule.metrics.js';
import { ScheduleScanner } from './schedule-scanner.js';
import { ScheduleSettingsRepository } from './settings.repository.js';
import type { WayIn } from './way-in.js';

/** Who looks for missed backups, made and not yet started. */
export function scheduleScanner(
  unitOfWork: UnitOfWork,
  wayIn: WayIn,
  logger: Logger,
  onRaised: () => void,
): ScheduleScanner {
  const [log, expectations, settings] = [
    new ScheduleLog(),
    new ExpectationRepository(),
    new ScheduleSettingsRepository(),
  ];
  const alarms = new Alarms(new AlarmFacts(), settings, Math.random, logger);
  const metrics = new ScheduleMetrics();
  metrics.watch(unitOfWork.dataSource);
  const shared = { unitOfWork, log, expectations, wayIn, alarms, brake: new AlarmBrake() };
  return new ScheduleScanner({
    follow: new FollowLogHandler(unitOfWork, log, expectations, settings),
    raise: new RaiseAlarmsHandler({ ...shared, random: Math.random }),
    wayIn,
    now: () => databaseNow(unitOfWork),
    logger,
    onLook: (raised) => metrics.note(raised),
    onRaised,
  });
}

async function databaseNow(unitOfWork: UnitOfWork): Promise<Date> {
  const [row] = await unitOfWork.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  if (!row) throw new Error('The database tells no time');
  return row.now;
}
