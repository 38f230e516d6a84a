import { ACTION_KIND, type RuleSettings } from './rule.js';

export interface RefusedField {
  pointer: string;
  detail: string;
  rule: string;
}

/** Why settings of the right shape are refused; empty if they are not. */
export function refusalsOf(rule: Omit<RuleSettings, 'name' | 'scope' | 'enabled'>): RefusedField[] {
  const refused: RefusedField[] = [];
  const { ok, warning, error } = rule.severities;
  if (!ok && !warning && !error)
    refused.push({ pointer: '/severities', detail: 'Choose at least one severity.', rule: 'F6' });
  if (!rule.allEventTypes && rule.eventTypes.length === 0)
    refused.push({ pointer: '/eventTypes', detail: 'Choose at least one type, or all of them.', rule: 'F8' });
  if ((rule.action === 'webhook') !== (rule.webhook !== null))
    refused.push({
      pointer: '/webhook',
      detail: 'Goes with the action webhook, and only with it.',
      rule: 'F2',
    });
  return [...refused, ...optionRefusals(rule)];
}

/** Figures and messages go out at once: only a ticket may wait. */
function optionRefusals({
  action,
  after,
  flapping,
  siteOutage,
}: Parameters<typeof refusalsOf>[0]): RefusedField[] {
  const refused: RefusedField[] = [];
  const detail = 'Only an action that opens tickets can wait.';
  const isTicket = ACTION_KIND[action].kind === 'ticket';
  if (after && !isTicket) refused.push({ pointer: '/after', detail, rule: 'ticket' });
  if (flapping && !isTicket) refused.push({ pointer: '/flapping', detail, rule: 'ticket' });
  if (siteOutage && !isTicket) refused.push({ pointer: '/siteOutage', detail, rule: 'ticket' });
  if (after && after.count === null && after.minutes === null)
    refused.push({ pointer: '/after', detail: 'Give count, minutes or both.', rule: 'some' });
  return refused;
}
