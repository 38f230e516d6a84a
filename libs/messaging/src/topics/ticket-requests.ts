import { IsArray, IsIn, IsInt, IsObject, IsOptional, IsString, IsUUID } from 'class-validator';
import { SEVERITIES, type Severity } from '@backhaul/domain';
import type { Topic } from './topic.js';

export const TICKET_INTENTS = ['raise', 'resolve'] as const;
export const PROVIDERS = ['connectwise', 'autotask'] as const;
export type Provider = (typeof PROVIDERS)[number];

/** The accounts that a site outage took, where one ticket tells of all. */
export class TicketSite {
  /** The account of this event; the ticket itself is kept with the first one's. */
  @IsInt() accountNo: number;
  @IsInt() accountCount: number;
  /** Some of them, at most 20. */
  @IsArray() accounts: { accountNo: number; username: string | null }[];
  /** Of some of them a problem counts no more, for nothing was heard of it for so many days. */
  @IsOptional() @IsObject() silent?: {
    days: number;
    accounts: { accountNo: number; username: string | null }[];
  };
}

/** What a ticket says of its event (D46); the customer's and the account's names come from the read model. */
export class TicketSubject {
  @IsString() eventType: string;
  @IsOptional() @IsString() hostName: string | null;
  @IsOptional() @IsString() jobName: string | null;
  @IsString() agent: string;
  @IsString() status: string;
  @IsOptional() @IsString() message: string | null;
  /** Where the ticket is that of a site outage. */
  @IsOptional() @IsObject() site?: TicketSite;
}

export class TicketRequestPayload {
  @IsUUID() requestId: string;
  @IsUUID() eventId: string;
  @IsUUID() ruleId: string;
  @IsString() ruleName: string;
  @IsUUID() partnerId: string;
  @IsInt() custId: number;
  @IsInt() accountNo: number;
  /** Partner + account + job (or object) + family of types (F33). */
  @IsString() incidentKey: string;
  @IsIn(TICKET_INTENTS) intent: (typeof TICKET_INTENTS)[number];
  @IsIn(SEVERITIES) severity: Severity;
  /** ISO 8601 UTC. */
  @IsString() occurredAt: string;
  @IsObject() subject: TicketSubject;
  /** The reprocessing that asks for this, where one does: the ticket that is there is looked at again. */
  @IsOptional() @IsUUID() operationId?: string;
}

const ticketRequests = (provider: Provider): Topic<TicketRequestPayload> => ({
  name: `ticket.requests.${provider}.v1`,
  meaning: `A rule asks that a problem be, or no longer be, a ticket in ${provider}.`,
  producer: 'notifications',
  consumers: ['ticketing'],
  compacted: false,
  partitions: 12,
  // One account's requests stay in order, so that its lane sees them as they happened.
  key: (p) => String(p.accountNo),
  payload: TicketRequestPayload,
});

export const connectwiseTicketRequests = ticketRequests('connectwise');
export const autotaskTicketRequests = ticketRequests('autotask');
