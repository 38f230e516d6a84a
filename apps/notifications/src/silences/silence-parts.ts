import type { Clock } from '@backhaul/domain';
import type { IdempotencyTable, UnitOfWork } from '@backhaul/persistence';
import type { Provider } from '@nestjs/common';
import type { RuleRepository } from '../rules/rule.repository.js';
import { WatchRepository } from '../watches/watch.repository.js';
import { ChangeSilencesHandler } from './change-silences.handler.js';
import { SilenceLists } from './silence-lists.js';
import { SilenceRepository } from './silence.repository.js';

/** What the surfaces of silences and maintenance windows need. */
export function silenceProviders(
  unitOfWork: UnitOfWork,
  rules: RuleRepository,
  idempotency: IdempotencyTable,
  clock: Clock,
): Provider[] {
  const silences = new SilenceRepository(unitOfWork.dataSource);
  const change = new ChangeSilencesHandler(silences, rules, new WatchRepository(), unitOfWork, clock);
  return [
    { provide: ChangeSilencesHandler, useValue: change },
    { provide: SilenceLists, useValue: new SilenceLists(silences, change, idempotency, clock) },
  ];
}
