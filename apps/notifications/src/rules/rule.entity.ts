import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { AccountNo, BrandId, CustomerId, EventType, PartnerId, RuleId } from '@backhaul/domain';
import type { Rule, RuleAction } from './rule.js';

@Entity({ name: 'rules' })
@Index('rules_by_partner', ['partnerId', 'ruleId'])
@Check('rules_some_severity', 'on_ok OR on_warning OR on_error')
@Check('rules_some_type', 'all_event_types OR cardinality(event_types) > 0')
export class RuleEntity {
  @PrimaryColumn({ name: 'rule_id', type: 'uuid' }) ruleId: RuleId;
  @Column({ name: 'partner_id', type: 'uuid' }) partnerId: PartnerId;
  @Column({ name: 'owner_brand_id', type: 'uuid', nullable: true }) ownerBrandId: BrandId | null;
  @Column({ type: 'text' }) name: string;
  @Column({ type: 'text' }) action: RuleAction;
  @Column({ name: 'on_ok', type: 'boolean' }) onOk: boolean;
  @Column({ name: 'on_warning', type: 'boolean' }) onWarning: boolean;
  @Column({ name: 'on_error', type: 'boolean' }) onError: boolean;
  @Column({ name: 'all_event_types', type: 'boolean' }) allEventTypes: boolean;
  @Column({ name: 'event_types', type: 'text', array: true }) eventTypes: EventType[];
  @Column({ name: 'brand_ids', type: 'uuid', array: true }) brandIds: BrandId[];
  @Column({ name: 'cust_ids', type: 'integer', array: true }) custIds: CustomerId[];
  @Column({ name: 'account_nos', type: 'integer', array: true }) accountNos: AccountNo[];
  @Column({ type: 'boolean' }) enabled: boolean;
  @Column({ name: 'after_count', type: 'integer', nullable: true }) afterCount: number | null;
  @Column({ name: 'after_minutes', type: 'integer', nullable: true }) afterMinutes: number | null;
  /** With `flappingWithinMinutes`, or neither. */
  @Column({ name: 'flapping_changes', type: 'integer', nullable: true }) flappingChanges: number | null;
  @Column({ name: 'flapping_within_minutes', type: 'integer', nullable: true })
  flappingWithinMinutes: number | null;
  /** With `siteWithinMinutes`, or neither. */
  @Column({ name: 'site_accounts', type: 'integer', nullable: true }) siteAccounts: number | null;
  @Column({ name: 'site_within_minutes', type: 'integer', nullable: true }) siteWithinMinutes: number | null;
  @Column({ name: 'webhook_url', type: 'text', nullable: true }) webhookUrl: string | null;
  @Column({ name: 'webhook_disabled_reason', type: 'text', nullable: true })
  webhookDisabledReason: string | null;
  /** Grows by one with each change; the ETag. */
  @Column({ type: 'integer' }) version: number;
  @Column({ name: 'created_at', type: 'timestamp with time zone', precision: 3 }) createdAt: Date;
  @Column({ name: 'updated_at', type: 'timestamp with time zone', precision: 3 }) updatedAt: Date;
}

/** A rule as it is kept, with what the API shows beside it. */
export interface StoredRule extends Rule {
  version: number;
  updatedAt: Date;
}

export function ruleOf(row: RuleEntity): StoredRule {
  return {
    id: row.ruleId,
    partnerId: row.partnerId,
    ownerBrandId: row.ownerBrandId,
    name: row.name,
    action: row.action,
    severities: { ok: row.onOk, warning: row.onWarning, error: row.onError },
    allEventTypes: row.allEventTypes,
    eventTypes: row.eventTypes,
    scope: { brandIds: row.brandIds, custIds: row.custIds, accountNos: row.accountNos },
    enabled: row.enabled,
    ...optionsOf(row),
    webhook:
      row.webhookUrl === null ? null : { url: row.webhookUrl, disabledReason: row.webhookDisabledReason },
    version: row.version,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}

function optionsOf(row: RuleEntity): Pick<Rule, 'after' | 'flapping' | 'siteOutage'> {
  const { afterCount: count, afterMinutes: minutes, flappingChanges: changes } = row;
  const withinMinutes = row.flappingWithinMinutes;
  const { siteAccounts: accounts, siteWithinMinutes } = row;
  return {
    after: count === null && minutes === null ? null : { count, minutes },
    flapping: changes === null || withinMinutes === null ? null : { changes, withinMinutes },
    siteOutage:
      accounts === null || siteWithinMinutes === null ? null : { accounts, withinMinutes: siteWithinMinutes },
  };
}

export function rowOf(rule: StoredRule): RuleEntity {
  return {
    ruleId: rule.id,
    partnerId: rule.partnerId,
    ownerBrandId: rule.ownerBrandId,
    name: rule.name,
    action: rule.action,
    onOk: rule.severities.ok,
    onWarning: rule.severities.warning,
    onError: rule.severities.error,
    allEventTypes: rule.allEventTypes,
    eventTypes: [...rule.eventTypes],
    brandIds: [...rule.scope.brandIds],
    custIds: [...rule.scope.custIds],
    accountNos: [...rule.scope.accountNos],
    enabled: rule.enabled,
    afterCount: rule.after?.count ?? null,
    afterMinutes: rule.after?.minutes ?? null,
    flappingChanges: rule.flapping?.changes ?? null,
    flappingWithinMinutes: rule.flapping?.withinMinutes ?? null,
    siteAccounts: rule.siteOutage?.accounts ?? null,
    siteWithinMinutes: rule.siteOutage?.withinMinutes ?? null,
    webhookUrl: rule.webhook?.url ?? null,
    webhookDisabledReason: rule.webhook?.disabledReason ?? null,
    version: rule.version,
    createdAt: rule.createdAt,
    updatedAt: rule.updatedAt,
  };
}
