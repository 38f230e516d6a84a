import type { Clock } from '@backhaul/domain';
import { UnitOfWork } from '@backhaul/persistence';
import type { DataSource } from 'typeorm';
import { OutageRepository } from '../outages/outage.repository.js';
import { SettleOutagesHandler } from '../outages/settle-outages.handler.js';
import { RaisedRepository } from '../requests/raised.repository.js';
import { RuleBook } from '../rules/rule-book.js';
import { RuleRepository } from '../rules/rule.repository.js';
import { SilenceRepository } from '../silences/silence.repository.js';
import { startDueTimer } from './due-timer.js';
import { RaiseDueHandler } from './raise-due.handler.js';
import { WatchRepository } from './watch.repository.js';

/** Asks from now on for what has come due; `asked` is told of it. */
export function startDueTickets(
  dataSource: DataSource,
  clock: Clock,
  asked: () => void,
): ReturnType<typeof startDueTimer> {
  const rules = new RuleBook(new RuleRepository(dataSource), new SilenceRepository(dataSource));
  const [watches, raised] = [new WatchRepository(), new RaisedRepository()];
  const unitOfWork = new UnitOfWork(dataSource);
  const due = new RaiseDueHandler(unitOfWork, rules, watches, raised, clock);
  const outages = new SettleOutagesHandler(
    unitOfWork,
    rules,
    { outages: new OutageRepository(), watches, raised },
    clock,
  );
  const handle = async (): Promise<number> => (await due.handle()) + (await outages.handle());
  return startDueTimer({ handle }, asked);
}
