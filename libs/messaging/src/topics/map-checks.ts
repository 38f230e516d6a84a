import { ArrayMaxSize, IsArray, IsIn, IsInt, IsString, IsUUID } from 'class-validator';
import type { Topic } from './topic.js';
import { PROVIDERS, type Provider } from './ticket-requests.js';

export class MapCheckPayload {
  @IsUUID() partnerId: string;
  @IsIn(PROVIDERS) provider: Provider;
  @IsInt() custId: number;
  /** The company that was looked for; of another mapping this says nothing. */
  @IsString() psaCompanyId: string;
  /** Closed words such as `company_gone`; empty where the company is as it should be. */
  @IsArray() @ArrayMaxSize(10) @IsString({ each: true }) problems: string[];
  /** When the PSA was asked, ISO 8601 UTC. */
  @IsString() at: string;
}

export const mapChecks: Topic<MapCheckPayload> = {
  name: 'psa.map-checks.v1',
  meaning: 'A company that a customer is mapped to is no longer as it should be in the PSA, or is again.',
  producer: 'ticketing',
  consumers: ['accounts'],
  compacted: true,
  partitions: 1,
  key: (p) => `${p.provider}:${p.partnerId}:${p.custId}`,
  payload: MapCheckPayload,
};
