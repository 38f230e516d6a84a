import type { Choice, SettingProblem } from '../setup-port.js';
import { chosen, problemOf, statusProblems } from '../setup-rules.js';
import type { TicketingOptions } from '../ticket-port.js';

export interface JudgedStatuses {
  problems: SettingProblem[];
  /** What the settings stand for on this board. */
  opening: Choice | undefined;
  closing: Choice | undefined;
}

/** Whether the settings' statuses are of a board that has these, and do what they are for. Pure. */
export function judgeStatuses(
  statuses: readonly Choice[],
  { newStatusId, completeStatusId }: TicketingOptions,
): JudgedStatuses {
  const opening = chosen(statuses, newStatusId, ({ isDefault }) => isDefault);
  const closing = chosen(statuses, completeStatusId, () => false);
  const problems = [
    ...problemOf('newStatusId', newStatusId, opening, 'Default'),
    ...problemOf('completeStatusId', completeStatusId, closing, null),
    ...statusProblems(opening, closing),
  ];
  if (completeStatusId === undefined && !statuses.some(({ isClosing, isActive }) => isClosing && isActive))
    problems.push({
      field: 'completeStatusId',
      rule: 'missing',
      detail: 'the board has no status that closes',
    });
  return { problems, opening, closing };
}
