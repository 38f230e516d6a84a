import { Problem, type ProblemError } from '@backhaul/http';
import type { ProviderName } from '@backhaul/psa';
import type { SettingsIn, TicketingIn } from './connections.types.js';

const MEASURE =
  /^(?:onlineGb|onlineServers|onlineNonServers|localServers|localNonServers|archivingMailboxes|emailSecurityMailboxes|onlinePlan:.{1,100})$/;

/** What can be told of settings without the PSA. @throws Problem 409, 422 */
export function checkSettingsRules(provider: ProviderName, { ticketing, billing }: SettingsIn): void {
  const errors = [
    ...ticketingErrors(provider, ticketing ?? {}),
    ...serviceErrors(provider, billing?.services ?? {}),
  ];
  if (errors.length > 0) throw Problem.unprocessable('The settings cannot be saved.', errors);
  // One setting, one service (D20).
  const used = Object.values(billing?.services ?? {}).filter((service) => typeof service === 'number');
  if (new Set(used).size < used.length) throw Problem.conflict('Two billing settings name the same service.');
}

/** Whether something was chosen that only the PSA can have (D18). */
export const hasChoices = ({ ticketing }: SettingsIn): boolean =>
  Object.entries(ticketing ?? {}).some(
    ([field, value]) => field.endsWith('Id') && value !== undefined && value !== null,
  );

function ticketingErrors(provider: ProviderName, ticketing: TicketingIn): ProblemError[] {
  const errors: ProblemError[] = [];
  const other = provider === 'connectwise' ? 'queueId' : 'boardId';
  const isGiven = provider === 'connectwise' ? ticketing.queueId !== undefined : ticketing.boardId != null;
  if (isGiven)
    errors.push({ pointer: `/ticketing/${other}`, detail: 'is not of this PSA', rule: 'ofThisPsa' });
  const { newStatusId, completeStatusId } = ticketing;
  if (newStatusId != null && newStatusId === completeStatusId)
    errors.push({
      pointer: '/ticketing/completeStatusId',
      detail: 'must be another than that of new tickets',
      rule: 'same',
    });
  return errors;
}

/** By measure: ticked or not for ConnectWise, the service for Autotask. */
function serviceErrors(
  provider: ProviderName,
  services: Record<string, boolean | number | null>,
): ProblemError[] {
  const isRight = (value: unknown): boolean =>
    provider === 'connectwise'
      ? typeof value === 'boolean'
      : value === null || (Number.isSafeInteger(value) && Number(value) > 0);
  const detail =
    provider === 'connectwise' ? 'must be true or false' : 'must be the id of a service, or null';
  return Object.entries(services).flatMap(([measure, value]) => {
    const pointer = `/billing/services/${measure.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (!MEASURE.test(measure)) return [{ pointer, detail: 'is no measure', rule: 'unknown' }];
    return isRight(value) ? [] : [{ pointer, detail, rule: 'type' }];
  });
}
