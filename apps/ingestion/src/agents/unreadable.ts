import { type Agent, emptyJobResult } from '@backhaul/domain';
import type { Understood } from './native-adapters.js';

/** What is stored of a report that nobody could read: the bytes, and a warning in the event log. */
export function unreadable(agent: Agent, message: string): Understood {
  const result = emptyJobResult();
  result.type = 'result.unreadable';
  result.outcome.message = message;
  return {
    result,
    agentVersion: null,
    adapter: agent,
    adapterVersion: '1',
    runKey: null,
    flags: ['unreadable'],
  };
}
