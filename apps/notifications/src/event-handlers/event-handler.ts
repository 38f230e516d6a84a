import type {
  AccountNo, BrandId, Condition, CustomerId, EventType, HandlerId, PartnerId, Severity,
} from '@backhaul/domain'; // prettier-ignore
import type { RuleScope, Webhook } from '../rules/rule.js';

export const SOURCE_KINDS = ['event', 'web_request'] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];
export const HANDLER_ACTIONS = ['email', 'webhook'] as const;
export type HandlerActionKind = (typeof HANDLER_ACTIONS)[number];

/** What sets a handler going. Without types or severities any will do. */
export type HandlerSource =
  | { kind: 'event'; eventTypes: readonly EventType[]; severities: readonly Severity[] }
  | { kind: 'web_request'; api: string };

export type HandlerAction = { kind: 'email'; to: readonly string[] } | ({ kind: 'webhook' } & Webhook);

export interface HandlerSettings {
  name: string;
  enabled: boolean;
  source: HandlerSource;
  /** All have to hold. */
  conditions: readonly Condition[];
  actions: readonly HandlerAction[];
  scope: RuleScope;
}

/** An Automated Event Handler: what sets it going, on what condition, and what it then does (F35). */
export interface EventHandler extends HandlerSettings {
  id: HandlerId;
  partnerId: PartnerId;
  /** The brand whose people made it: it acts there and below, and nowhere else; null: for the whole partner. */
  ownerBrandId: BrandId | null;
  version: number;
  createdAt: Date;
  updatedAt: Date;
}

/** Where something happened, as far as it is known. */
export interface Place {
  customerId: CustomerId | null;
  accountNo: AccountNo;
  /** The brands from the root to that of the account. */
  above: readonly BrandId[];
}

/** Whether a handler acts there; one that names places never does where no place is known. */
export function actsAt(
  { scope, ownerBrandId }: Pick<EventHandler, 'scope' | 'ownerBrandId'>,
  place: Place | null,
): boolean {
  const { brandIds, custIds, accountNos } = scope;
  const isEverywhere = brandIds.length + custIds.length + accountNos.length === 0;
  if (place === null) return isEverywhere;
  if (ownerBrandId !== null && !place.above.includes(ownerBrandId)) return false;
  return (
    isEverywhere ||
    brandIds.some((brandId) => place.above.includes(brandId)) ||
    (place.customerId !== null && custIds.includes(place.customerId)) ||
    accountNos.includes(place.accountNo)
  );
}

export const isCalling = ({ actions }: Pick<HandlerSettings, 'actions'>): boolean =>
  actions.some(({ kind }) => kind === 'webhook');
