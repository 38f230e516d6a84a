import type { AccountNo, BrandId, EventId, PartnerId, RuleId } from '@backhaul/domain';
import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';

export const DELIVERY_STATES = ['pending', 'delivered', 'failed'] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];
const TIME = { type: 'timestamp with time zone', precision: 3 } as const;

/** One message to one receiver, with what became of it. */
@Entity({ name: 'webhook_deliveries' })
@Index('webhook_deliveries_by_partner', ['partnerId', 'eventId', 'deliveryId'])
@Index('webhook_deliveries_by_age', ['createdAt'])
@Check('webhook_deliveries_state', "state IN ('pending', 'delivered', 'failed')")
export class DeliveryEntity {
  /** The request's id, and the webhook-id that the receiver sees. */
  @PrimaryColumn({ name: 'delivery_id', type: 'uuid' }) deliveryId: string;
  @Column({ name: 'partner_id', type: 'uuid' }) partnerId: PartnerId;
  /** The brand of the rule. */
  @Column({ name: 'owner_brand_id', type: 'uuid', nullable: true }) ownerBrandId: BrandId | null;
  @Column({ name: 'rule_id', type: 'uuid' }) ruleId: RuleId;
  @Column({ name: 'rule_name', type: 'text' }) ruleName: string;
  @Column({ name: 'event_id', type: 'uuid' }) eventId: EventId;
  @Column({ name: 'account_no', type: 'integer' }) accountNo: AccountNo;
  @Column({ name: 'operation_id', type: 'uuid', nullable: true }) operationId: string | null;
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
  | 'ruleName'
  | 'eventId'
  | 'accountNo'
  | 'operationId'
  | 'body'
>;
