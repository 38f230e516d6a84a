import { IsOptional, IsString, IsUUID } from 'class-validator';
import type { Topic } from './topic.js';

export class ConnectionCheckPayload {
  @IsUUID() connectionId: string;
  @IsUUID() partnerId: string;
  /** Of the credentials that were used, as `accounts.connections.v1` has it. */
  @IsString() version: string;
  /** A closed word such as `unauthorized`; null when the PSA takes them again. */
  @IsOptional() @IsString() reason: string | null;
  /** ISO 8601 UTC. */
  @IsString() at: string;
}

export const connectionChecks: Topic<ConnectionCheckPayload> = {
  name: 'psa.connection-checks.v1',
  meaning: 'While working, a PSA began to refuse credentials, or takes them again.',
  producer: 'ticketing',
  consumers: ['accounts'],
  compacted: true,
  partitions: 1,
  key: (p) => p.connectionId,
  payload: ConnectionCheckPayload,
};
