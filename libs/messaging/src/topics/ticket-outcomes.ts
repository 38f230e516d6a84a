import { IsIn, IsInt, IsOptional, IsString, IsUUID } from 'class-validator';
import type { Topic } from './topic.js';
import { PROVIDERS, type Provider } from './ticket-requests.js';

export const OUTCOME_STATES = ['pending', 'done', 'skipped', 'failed', 'superseded'] as const;
export type OutcomeState = (typeof OUTCOME_STATES)[number];

export class TicketOutcomePayload {
  @IsUUID() requestId: string;
  @IsUUID() eventId: string;
  @IsUUID() ruleId: string;
  @IsUUID() partnerId: string;
  @IsInt() accountNo: number;
  @IsIn(PROVIDERS) provider: Provider;
  @IsIn(OUTCOME_STATES) state: OutcomeState;
  /** A closed reason such as `opened`, `noted`, `resolved`, `reopened`, `not_connected`, `unmapped_customer`, `self_healed`. */
  @IsString() reason: string;
  /** What the partner reads. */
  @IsOptional() @IsString() message: string | null;
  @IsOptional() @IsString() ticketId: string | null;
  @IsOptional() @IsString() ticketNumber: string | null;
  /** The problem that the request belongs to, where there is one. */
  @IsOptional() @IsUUID() incidentId?: string;
  /** Of the account's customer, where it is known. */
  @IsOptional() @IsUUID() brandId?: string;
  /** ISO 8601 UTC. */
  @IsString() at: string;
}

/** What became of a ticket request. Keyed by account, as the request was. */
export const ticketOutcomes: Topic<TicketOutcomePayload> = {
  name: 'ticket.outcomes.v1',
  meaning: 'A ticket request was carried out, refused, or folded into another.',
  producer: 'ticketing',
  consumers: ['ingestion'],
  compacted: false,
  partitions: 12,
  key: (p) => String(p.accountNo),
  payload: TicketOutcomePayload,
};
