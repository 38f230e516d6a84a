import type { AccountNo, BrandId, CustomerId, EventType, PartnerId, RuleId } from '@backhaul/domain';
import type { Provider } from '@backhaul/messaging';
import type { SiteOutage } from '../outages/outage.js';
import type { RaiseOptions } from '../watches/course.js';

export const RULE_ACTIONS = [
  'open_connectwise_ticket',
  'sync_connectwise',
  'open_autotask_ticket',
  'sync_autotask',
  'email',
  'webhook',
] as const;
export type RuleAction = (typeof RULE_ACTIONS)[number];

export type ActionKind =
  | { kind: 'ticket'; provider: Provider }
  | { kind: 'sync'; provider: Provider }
  | { kind: 'email' }
  | { kind: 'webhook' };

export const ACTION_KIND: Readonly<Record<RuleAction, ActionKind>> = {
  open_connectwise_ticket: { kind: 'ticket', provider: 'connectwise' },
  sync_connectwise: { kind: 'sync', provider: 'connectwise' },
  open_autotask_ticket: { kind: 'ticket', provider: 'autotask' },
  sync_autotask: { kind: 'sync', provider: 'autotask' },
  email: { kind: 'email' },
  webhook: { kind: 'webhook' },
};

/** The action that raised a problem at that provider. */
export const TICKET_ACTION: Readonly<Record<Provider, RuleAction>> = {
  connectwise: 'open_connectwise_ticket',
  autotask: 'open_autotask_ticket',
};

export interface SeveritySwitches {
  ok: boolean;
  warning: boolean;
  error: boolean;
}

/** Where a rule acts: an event in any of these places, or below one of these brands, matches; all three empty is the whole partner. */
export interface RuleScope {
  brandIds: readonly BrandId[];
  custIds: readonly CustomerId[];
  accountNos: readonly AccountNo[];
}

/** Where a rule of action `webhook` tells of events. */
export interface Webhook {
  url: string;
  /** Why nobody is called any more; saving the rule switches it on again. */
  disabledReason: string | null;
}

export interface RuleSettings extends RaiseOptions {
  name: string;
  action: RuleAction;
  severities: SeveritySwitches;
  allEventTypes: boolean;
  eventTypes: readonly EventType[];
  scope: RuleScope;
  enabled: boolean;
  /** One ticket for a customer of whom many accounts fail; null: one for each problem. */
  siteOutage: SiteOutage | null;
  /** Of action `webhook` alone. */
  webhook: Webhook | null;
}

export interface Rule extends RuleSettings {
  id: RuleId;
  partnerId: PartnerId;
  /** The brand whose people made it: it acts there and below, and nowhere else; null: for the whole partner. */
  ownerBrandId: BrandId | null;
  createdAt: Date;
}
