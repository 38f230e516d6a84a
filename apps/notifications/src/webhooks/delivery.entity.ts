import type { AccountNo, BrandId, HandlerId, PartnerId, RuleId } from '@backhaul/domain';
import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

export const DELIVERY_STATES = ['pending', 'delivered', 'failed'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];
const TIME = { type: 'timestamp with time zone', precision: 3 } as const;

/** One message to one receiver, with what became of it. */
@Entity({ name: 'webhook_deliveries' })
@Index('webhook_deliveries_by_partner', ['partnerId', 'causeId', 'deliveryId'])
@Index('webhook_deliveries_by_age', ['createdAt'])
@Check('webhook_deliveries_owner', '(rule_id IS NULL) <> (handler_id IS NULL)')
@Check('webhook_deliveries_state', "state IN ('pending', 'delivered', 'failed')")
export class DeliveryEntity {
  /** The request's id, and the webhook-id that the receiver sees. */
  @PrimaryColumn({ name: 'delivery_id', type: 'uuid' }) deliveryId: string;
  @Column({ name: 'partner_id', type: 'uuid' }) partnerId: PartnerId;
  /** The brand of the rule or event handler. */
  @Column({ name: 'owner_brand_id', type: 'uuid', nullable: true }) ownerBrandId: BrandId | null;
  /** Null where an event handler asked for it. */
  @Column({ name: 'rule_id', type: 'uuid', nullable: true }) ruleId: RuleId | null;
  @Column({ name: 'handler_id', type: 'uuid', nullable: true }) handlerId: HandlerId | null;
  /** Of the rule or event handler. */
  @Column({ name: 'rule_name', type: 'text' }) ruleName: string;
  /** The event that it tells of, or the web request. */
  @Column({ name: 'event_id', type: 'uuid' }) causeId: string;
  @Column({ name: 'is_request', type: 'boolean', default: false }) isRequest: boolean;
  @Column({ name: 'account_no', type: 'integer', nullable: true }) accountNo: AccountNo | null;
  @Column({ name: 'operation_id', type: 'uuid', nullable: true }) operationId: string | null;
  /** Of an event handler, which may name several; a rule says where its one goes when it is called. */
  @Column({ type: 'text', nullable: true }) url: string | null;
  @Column({ type: 'text' }) body: string;
  @Column({ type: 'text' }) state: DeliveryState;
  @Column({ type: 'integer' }) attempts: number;
  @Column({ type: 'text', nullable: true }) reason: string | null;
  @Column({ type: 'integer', nullable: true }) status: number | null;
  /** The beginning of what the receiver answered last, made harmless. */
  @Column({ type: 'text', nullable: true }) answer: string | null;
  @Column({ ...TIME, name: 'created_at' }) createdAt: Date;
  @Column({ ...TIME, name: 'attempted_at', nullable: true }) attemptedAt: Date | null;
  @Column({ ...TIME, name: 'leased_until', nullable: true }) leasedUntil: Date | null;
  @Column({ ...TIME, name: 'expires_at' }) expiresAt: Date;
  @Column({ ...TIME, name: 'ended_at', nullable: true }) endedAt: Date | null;
}

/** A delivery as it is asked for. */
export type DeliveryDraft = Pick<
  DeliveryEntity,
  | 'deliveryId'
  | 'partnerId'
  | 'ownerBrandId'
  | 'ruleId'
  | 'handlerId'
  | 'ruleName'
  | 'causeId'
  | 'isRequest'
  | 'accountNo'
  | 'operationId'
  | 'url'
  | 'body'
>;
