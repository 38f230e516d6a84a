import { IsBoolean, IsIn, IsObject, IsOptional, IsString, IsUUID } from 'class-validator';
import type { Topic } from './topic.js';
import { PROVIDERS, type Provider } from './ticket-requests.js';

/** Ids are the PSA's; absent means the default by name, `queueId: null` is Do Not Map (D26). */
export class TicketingSettings {
  @IsOptional() boardId?: number;
  @IsOptional() queueId?: number | null;
  @IsOptional() newStatusId?: number;
  @IsOptional() completeStatusId?: number;
  @IsOptional() priorityId?: number;
  @IsOptional() @IsString() subjectPrefix?: string;
}

/** Whether figures are pushed at all (E33). */
export class StatisticsSettings {
  @IsBoolean() enabled: boolean;
}

export class ConnectionPayload {
  @IsUUID() connectionId: string;
  @IsUUID() partnerId: string;
  @IsIn(PROVIDERS) provider: Provider;
  /** Grows with every change of the credentials, so that a worker can tell new from old. */
  @IsString() version: string;
  /** What is no secret: ConnectWise `{ siteUrl, companyId, publicKey, solutionName }`, Autotask `{ username, apiUrl }`. */
  @IsObject() endpoint: Record<string, string | null>;
  /** Sealed JSON of the secrets (`privateKey`; `password`, `trackingIdentifier`), bound to this connection, the data key beside it. */
  @IsString() sealedSecret: string;
  @IsBoolean() isEnabled: boolean;
  @IsObject() ticketing: TicketingSettings;
  /** Absent: as before there was any, off. */
  @IsOptional() @IsObject() statistics?: StatisticsSettings;
  /** Approved for this connection beside EGRESS_ALLOW: `CIDR:port` and `host:port`. */
  @IsOptional() @IsString({ each: true }) egress?: string[];
  /** A SOAP link of before: it has no credentials that work, and nothing may be sent until it has (B10). */
  @IsOptional() @IsBoolean() needsChange?: boolean;
}

export const accountsConnections: Topic<ConnectionPayload> = {
  name: 'accounts.connections.v1',
  meaning: "A partner's link to a PSA as it is now, credentials sealed.",
  producer: 'accounts',
  consumers: ['ticketing', 'notifications', 'billing-sync'],
  compacted: true,
  partitions: 1,
  key: (p) => p.connectionId,
  payload: ConnectionPayload,
};
