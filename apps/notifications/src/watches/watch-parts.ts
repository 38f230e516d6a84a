import type { Clock } from '@backhaul/domain';
import { UnitOfWork } from '@backhaul/persistence';
import type { DataSource } from 'typeorm';
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
  const handler = new RaiseDueHandler(new UnitOfWork(dataSource), rules, watches, raised, clock);
  return startDueTimer(handler, asked);
}
