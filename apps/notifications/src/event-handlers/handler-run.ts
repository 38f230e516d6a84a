import type { AccountNo, BrandId, HandlerId, PartnerId } from '@backhaul/domain';
import { uuidFrom } from '@backhaul/domain';
import type { EventHandler, HandlerAction, HandlerActionKind } from './event-handler.js';

export const RUN_STATES = ['pending', 'done', 'failed', 'skipped'] as const;
export type RunState = (typeof RUN_STATES)[number];

/** What set a handler going: an event, or once more the event with that operation, or a web request. */
export type RunCause =
  { kind: 'event'; eventId: string; operationId: string | null } | { kind: 'request'; requestId: string };

export interface RunAction {
  actionId: string;
  kind: HandlerActionKind;
  state: RunState;
  reason: string | null;
  message: string | null;
}

/** One handler set going once. */
export interface Run {
  runId: string;
  handlerId: HandlerId;
  partnerId: PartnerId;
  ownerBrandId: BrandId | null;
  cause: RunCause;
  accountNo: AccountNo | null;
  actions: RunAction[];
}

/** Why nothing is done, or nothing could be. */
export interface Halt {
  state: 'skipped' | 'failed';
  reason: string;
  message: string;
}

/** The id follows from handler and cause, so that a repeat is the same run; so do those of its actions. */
export function runOf(
  handler: EventHandler,
  cause: RunCause,
  accountNo: AccountNo | null,
  halt: Halt | null = null,
): Run {
  const { id: handlerId, partnerId, ownerBrandId } = handler;
  const from = cause.kind === 'event' ? [cause.eventId, cause.operationId ?? ''] : [cause.requestId];
  const runId = uuidFrom(handlerId, 'run', ...from);
  const actions = handler.actions.map((action, place) => ({
    actionId: actionIdOf(runId, place),
    kind: action.kind,
    ...(halt ?? beginningOf(action)),
  }));
  return { runId, handlerId, partnerId, ownerBrandId, cause, accountNo, actions };
}

export const actionIdOf = (runId: string, place: number): string => uuidFrom(runId, 'action', String(place));

function beginningOf(action: HandlerAction): Pick<RunAction, 'state' | 'reason' | 'message'> {
  if (action.kind === 'webhook' && action.disabledReason !== null)
    return { state: 'skipped', reason: 'webhook_disabled', message: action.disabledReason };
  return { state: 'pending', reason: null, message: null };
}

/** Of all its actions: what one still waits for or failed at counts before what others did. */
export function stateOfRun(actions: readonly Pick<RunAction, 'state'>[]): RunState {
  const found = (['pending', 'failed', 'done'] as const).find((state) =>
    actions.some((action) => action.state === state),
  );
  return found ?? 'skipped';
}
