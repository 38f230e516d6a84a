import { ACTION_KIND, type RuleAction, type RuleSettings } from './rule.js';

const NAME: Readonly<Record<RuleAction, string>> = {
  open_connectwise_ticket: 'Open a ConnectWise ticket',
  sync_connectwise: 'Synchronize with ConnectWise',
  open_autotask_ticket: 'Open an Autotask ticket',
  sync_autotask: 'Synchronize with Autotask',
  email: 'Send an e-mail',
  webhook: 'Call a webhook',
};

/** What the form shows first: a synchronisation follows every event (F4), all else only problems (F3, F6), of any type (F5). */
export function defaultsFor(action: RuleAction): RuleSettings {
  return {
    name: NAME[action],
    action,
    severities: { ok: ACTION_KIND[action].kind === 'sync', warning: true, error: true },
    allEventTypes: true,
    eventTypes: [],
    scope: { brandIds: [], custIds: [], accountNos: [] },
    enabled: true,
    after: null,
    flapping: null,
    siteOutage: null,
    webhook: null,
  };
}
