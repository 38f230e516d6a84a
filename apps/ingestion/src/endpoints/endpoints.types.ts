import { etagOf, Omittable, PageQuery } from '@backhaul/http';
import { IsIn, IsInt, IsString, Max, MaxLength, Min, MinLength } from 'class-validator';
import { type Endpoint, ENDPOINT_AGENTS, type EndpointAgent } from './endpoint.js';

export class EndpointIn {
  @IsIn(ENDPOINT_AGENTS) agent: EndpointAgent;
  @Omittable() @IsInt() @Min(1) @Max(Number.MAX_SAFE_INTEGER) accountNo?: number;
  @Omittable() @IsInt() @Min(1) @Max(2_147_483_647) custId?: number;
  @Omittable() @IsString() @MinLength(1) @MaxLength(100) name?: string;
}

export class RotateEndpointIn {
  /** How long the old key works beside the new one; 0, and so it is when absent: it ends at once. */
  @Omittable() @IsInt() @Min(0) @Max(720) overlapHours?: number;
}

export class EndpointsQuery extends PageQuery {}

export class EndpointOut {
  id: string;
  agent: string;
  accountNo: number | null;
  custId: number | null;
  name: string;
  createdAt: string;
  rotatedAt: string | null;
  /** When one of its keys was last used, to the minute. */
  lastUsedAt: string | null;
}

/** Answered once, when the key is made. */
export class EndpointWithKeyOut extends EndpointOut {
  key: string;
  /** The address to post reports to; it holds the key. */
  url: string;
}

export function endpointOut(endpoint: Endpoint): EndpointOut {
  return {
    id: endpoint.id,
    agent: endpoint.agent,
    accountNo: endpoint.accountNo,
    custId: endpoint.custId,
    name: endpoint.name,
    createdAt: endpoint.createdAt.toISOString(),
    rotatedAt: endpoint.rotatedAt?.toISOString() ?? null,
    lastUsedAt: endpoint.lastUsedAt?.toISOString() ?? null,
  };
}

/** What a change of the endpoint changes: being used is none. */
export const endpointEtag = (endpoint: Endpoint): string =>
  etagOf({ ...endpointOut(endpoint), lastUsedAt: null });
