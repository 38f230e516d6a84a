import { IsOptional, IsString, IsUUID } from 'class-validator';
import type { Topic } from './topic.js';

export class ApiKeyUsePayload {
  /** The 12 base62 characters that stand in the key itself. */
  @IsString() keyId: string;
  @IsUUID() partnerId: string;
  /** ISO 8601 UTC. */
  @IsString() at: string;
  /** Where it was used from. */
  @IsOptional() @IsString() ip: string | null;
}

export const apiKeyUses: Topic<ApiKeyUsePayload> = {
  name: 'api-keys.uses.v1',
  meaning: 'An API key was used; told at most once a minute by each process.',
  producer: ['gateway', 'ingestion'],
  consumers: ['accounts'],
  compacted: false,
  partitions: 1,
  key: (p) => p.keyId,
  payload: ApiKeyUsePayload,
};
