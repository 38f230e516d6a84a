import type { Choice, SettingProblem } from './setup-port.js';
import type { TicketingOptions } from './ticket-port.js';

type Field = 'boardId' | 'queueId' | 'newStatusId' | 'completeStatusId' | 'priorityId';

const WORD: Record<Field, string> = {
  boardId: 'board',
  queueId: 'queue',
  newStatusId: 'status of new tickets',
  completeStatusId: 'status of closed tickets',
  priorityId: 'priority',
};

/** What the setting stands for: what was chosen, else the default by that name. */
export function chosen(
  choices: readonly Choice[],
  id: number | undefined,
  isDefault: (choice: Choice) => boolean,
): Choice | undefined {
  if (id !== undefined) return choices.find((choice) => Number(choice.id) === id);
  return choices.find((choice) => choice.isActive && isDefault(choice));
}

export const named = (name: string) => (choice: Choice) =>
  choice.name.trim().toLowerCase() === name.toLowerCase();

/** @param fallback name of the default; null where the PSA takes its own */
export function problemOf(
  field: Field,
  id: number | undefined,
  found: Choice | undefined,
  fallback: string | null,
): SettingProblem[] {
  const word = WORD[field];
  if (found && !found.isActive)
    return [{ field, rule: 'inactive', detail: `the ${word} "${found.name}" is inactive in the PSA` }];
  if (found) return [];
  if (id !== undefined) return [{ field, rule: 'unknown', detail: `the PSA has no ${word} with this id` }];
  return fallback === null
    ? []
    : [{ field, rule: 'missing', detail: `the PSA has no ${word} "${fallback}": choose one` }];
}

/** New tickets need a status that is open and not the one that closes them (D28). */
export function statusProblems(opening: Choice | undefined, closing: Choice | undefined): SettingProblem[] {
  if (opening && closing && opening.id === closing.id)
    return [{ field: 'completeStatusId', rule: 'same', detail: 'must be another than that of new tickets' }];
  const problems: SettingProblem[] = [];
  if (opening?.isClosing === true)
    problems.push({ field: 'newStatusId', rule: 'status_closes', detail: 'is a status that closes' });
  if (closing?.isClosing === false)
    problems.push({ field: 'completeStatusId', rule: 'status_open', detail: 'is no status that closes' });
  return problems;
}

/** The settings with ids in place of defaults; what was not found stays absent. */
export function withIds(
  ticketing: TicketingOptions,
  found: Partial<Record<Field, Choice | undefined>>,
): TicketingOptions {
  const ids = Object.entries(found).flatMap(([field, choice]) =>
    choice === undefined ? [] : [[field, Number(choice.id)] as const],
  );
  return { ...ticketing, ...Object.fromEntries(ids) };
}
