import type {
  AccountNo, BrandId, Condition, CustomerId, EventType, HandlerId, PartnerId, Severity,
} from '@backhaul/domain'; // prettier-ignore
import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { EventHandler, HandlerAction, HandlerSource } from './event-handler.js';

const TIME = { type: 'timestamp with time zone', precision: 3 } as const;

@Entity({ name: 'event_handlers' })
@Index('event_handlers_by_partner', ['partnerId', 'handlerId'])
@Index('event_handlers_by_api', ['partnerId', 'api'])
@Check('event_handlers_source', '(api IS NULL) = (event_types IS NOT NULL AND severities IS NOT NULL)')
export class EventHandlerEntity {
  @PrimaryColumn({ name: 'handler_id', type: 'uuid' }) handlerId: HandlerId;
  @Column({ name: 'partner_id', type: 'uuid' }) partnerId: PartnerId;
  @Column({ name: 'owner_brand_id', type: 'uuid', nullable: true }) ownerBrandId: BrandId | null;
  @Column({ type: 'text' }) name: string;
  @Column({ type: 'boolean' }) enabled: boolean;
  /** The name that a web request calls; null where events set it going, and then types and severities are there. */
  @Column({ type: 'text', nullable: true }) api: string | null;
  @Column({ name: 'event_types', type: 'text', array: true, nullable: true }) eventTypes: EventType[] | null;
  @Column({ type: 'text', array: true, nullable: true }) severities: Severity[] | null;
  @Column({ type: 'jsonb' }) conditions: Condition[];
  @Column({ type: 'jsonb' }) actions: HandlerAction[];
  @Column({ name: 'brand_ids', type: 'uuid', array: true }) brandIds: BrandId[];
  @Column({ name: 'cust_ids', type: 'integer', array: true }) custIds: CustomerId[];
  @Column({ name: 'account_nos', type: 'integer', array: true }) accountNos: AccountNo[];
  /** Grows by one with each change; the ETag. */
  @Column({ type: 'integer' }) version: number;
  @Column({ ...TIME, name: 'created_at' }) createdAt: Date;
  @Column({ ...TIME, name: 'updated_at' }) updatedAt: Date;
}

export function handlerOf(row: EventHandlerEntity): EventHandler {
  return {
    id: row.handlerId,
    partnerId: row.partnerId,
    ownerBrandId: row.ownerBrandId,
    name: row.name,
    enabled: row.enabled,
    source: sourceOf(row),
    conditions: row.conditions,
    actions: row.actions,
    scope: { brandIds: row.brandIds, custIds: row.custIds, accountNos: row.accountNos },
    version: row.version,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}

const sourceOf = ({ api, eventTypes, severities }: EventHandlerEntity): HandlerSource =>
  api === null
    ? { kind: 'event', eventTypes: eventTypes ?? [], severities: severities ?? [] }
    : { kind: 'web_request', api };

export function handlerRowOf(handler: EventHandler): EventHandlerEntity {
  const { source, scope } = handler;
  return {
    handlerId: handler.id,
    partnerId: handler.partnerId,
    ownerBrandId: handler.ownerBrandId,
    name: handler.name,
    enabled: handler.enabled,
    api: source.kind === 'web_request' ? source.api : null,
    eventTypes: source.kind === 'event' ? [...source.eventTypes] : null,
    severities: source.kind === 'event' ? [...source.severities] : null,
    conditions: [...handler.conditions],
    actions: [...handler.actions],
    brandIds: [...scope.brandIds],
    custIds: [...scope.custIds],
    accountNos: [...scope.accountNos],
    version: handler.version,
    createdAt: handler.createdAt,
    updatedAt: handler.updatedAt,
  };
}
