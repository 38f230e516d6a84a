import type { RefusedField } from '../rules/rule-check.js';
import type { WebhookRules } from '../webhooks/webhook-rules.js';
import type { HandlerSettings } from './event-handler.js';

/** All terms of a handler together: with it, and with how many handlers there may be, the time of an event is bounded. */
export const MOST_TERM_CHARACTERS = 2000;

/** Why settings of the right shape are refused; empty if they are not. */
export function handlerRefusals(
  { conditions, actions }: HandlerSettings,
  webhooks: Pick<WebhookRules, 'refusalsOf'>,
): RefusedField[] {
  const refused: RefusedField[] = [];
  const characters = conditions.reduce((sum, { term }) => sum + term.length, 0);
  if (characters > MOST_TERM_CHARACTERS) {
    const detail = `All terms together have at most ${MOST_TERM_CHARACTERS} characters.`;
    refused.push({ pointer: '/condition/all', detail, rule: 'terms' });
  }
  const urls = new Set<string>();
  for (const [place, action] of actions.entries()) {
    if (action.kind !== 'webhook') continue;
    const pointer = `/actions/${place}/url`;
    refused.push(...webhooks.refusalsOf(action.url, pointer));
    if (urls.has(action.url)) refused.push({ pointer, detail: 'is called already', rule: 'unique' });
    urls.add(action.url);
  }
  return refused;
}
