import type { RuleSettings } from './rule.js';

export interface RefusedField {
  pointer: string;
  detail: string;
  rule: string;
}

/** Why settings of the right shape are refused; empty if they are not. */
export function refusalsOf(
  rule: Pick<RuleSettings, 'severities' | 'allEventTypes' | 'eventTypes'>,
): RefusedField[] {
  const refused: RefusedField[] = [];
  const { ok, warning, error } = rule.severities;
  if (!ok && !warning && !error)
    refused.push({ pointer: '/severities', detail: 'Choose at least one severity.', rule: 'F6' });
  if (!rule.allEventTypes && rule.eventTypes.length === 0)
    refused.push({ pointer: '/eventTypes', detail: 'Choose at least one type, or all of them.', rule: 'F8' });
  return refused;
}
