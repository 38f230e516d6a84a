import { type ConditionFacts, meets } from '@backhaul/domain';
import type { Logger } from '@nestjs/common';
import type { EventHandler } from './event-handler.js';
import type { Halt } from './handler-run.js';

const BROKEN: Halt = {
  state: 'failed',
  reason: 'handler_failed',
  message: 'The handler could not be judged; save it again.',
};

/** Whether a handler runs; where that cannot be told it runs and fails: one that is broken stops no other, and no rule. */
export function judged(
  { id, conditions }: EventHandler,
  facts: ConditionFacts,
  logger: Pick<Logger, 'error'>,
): { isMet: boolean; halt: Halt | null } {
  try {
    return { isMet: meets(conditions, facts), halt: null };
  } catch (error) {
    logger.error(`handler ${id} cannot be judged: ${String(error)}`);
    return { isMet: true, halt: BROKEN };
  }
}
