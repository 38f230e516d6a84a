import type { BlockList } from 'node:net';
import type { BrandId, PartnerId } from '@backhaul/domain';
import { clientAddress, isAllowedFrom, type KeyUses, parseApiKey, Problem, sameSecret } from '@backhaul/http';
import type { ApiKeyPayload, CompactedTable } from '@backhaul/messaging';
import type { FastifyRequest } from 'fastify';
import type { Binding } from '../accounts/account-directory.js';
import { bindingOf, type Endpoint } from '../endpoints/endpoint.js';
import type { EndpointKeys, KnownKey } from '../endpoints/endpoint-keys.js';
import { TokenBucket } from '../endpoints/token-bucket.js';

/** Who a key says is sending. */
export interface Sender {
  binding: Binding;
  /** Null for an API key. */
  endpoint: Endpoint | null;
  bucket: TokenBucket;
}

export const EVENTS_WRITE = 'events:write';

export interface AgentAccessOptions {
  keys: EndpointKeys;
  apiKeys: Pick<CompactedTable<ApiKeyPayload>, 'get'>;
  ratePerSecond: number;
  /** Of all keys of one partner together. */
  partnerRatePerSecond: number;
  /** Who is believed about the address of a client. */
  proxies: BlockList;
  uses: { ofEndpoints: Pick<KeyUses, 'note'>; ofApiKeys: Pick<KeyUses, 'note'> };
  now: () => Date;
  monotonicMs: () => number;
}

/** Decides what a key may do: unknown 404, revoked 410, over its rate or its partner's 429. */
export class AgentAccess {
  private readonly buckets = new Map<string, TokenBucket>();
  private readonly partners = new Map<string, TokenBucket>();

  constructor(private readonly options: AgentAccessOptions) {}

  /** Answers at once when the key is remembered, which it is for all but the first report of a second. */
  endpointOf(key: string): Sender | Promise<Sender> {
    const known = this.options.keys.peek(key);
    return known === undefined
      ? this.options.keys.find(key).then((found) => this.senderOf(found))
      : this.senderOf(known);
  }

  /** An endpoint's key, or an API key with the scope `events:write`. */
  async programOf(request: FastifyRequest): Promise<Sender> {
    const key = headerKeyOf(request);
    if (key === null) throw Problem.unauthorized();
    const apiKey = parseApiKey(key);
    if (apiKey === null) return this.endpointByHeader(key);
    const row = this.options.apiKeys.get(apiKey.keyId);
    if (!row || !sameSecret(apiKey.secretHash, row.secretHash)) throw Problem.unauthorized();
    if (row.expiresAt !== null && Date.parse(row.expiresAt) <= this.options.now().getTime())
      throw Problem.unauthorized();
    const ip = clientAddress(request, this.options.proxies);
    if (!isAllowedFrom(row.allowedCidrs, ip)) throw Problem.wrongAddress();
    if (!row.scopes.includes(EVENTS_WRITE)) throw Problem.forbidden(`The scope ${EVENTS_WRITE} is needed.`);
    this.options.uses.ofApiKeys.note(apiKey.keyId, ip);
    const binding: Binding = {
      partnerId: row.partnerId as PartnerId,
      accountNo: null,
      custId: null,
      brandId: (row.brandId as BrandId | null | undefined) ?? null,
    };
    const { ratePerSecond, monotonicMs } = this.options;
    const bucket = bucketIn(this.buckets, apiKey.keyId, ratePerSecond, monotonicMs());
    return { binding, endpoint: null, bucket };
  }

  /** Before anything is taken. @throws Problem 429 when the key, or all of its partner's, have sent more than they may */
  spend(sender: Sender, events: number): void {
    const now = this.options.monotonicMs();
    const waitS = sender.bucket.take(events, now);
    if (waitS > 0) throw Problem.tooMany(waitS);
    const { partnerId } = sender.binding;
    const ofPartner = bucketIn(this.partners, partnerId, this.options.partnerRatePerSecond, now).take(
      events,
      now,
    );
    if (ofPartner > 0) throw Problem.tooMany(ofPartner, 'Too many reports of your partnership at once.');
  }

  private async endpointByHeader(key: string): Promise<Sender> {
    const known = await this.options.keys.find(key);
    if (!known) throw Problem.unauthorized();
    return this.senderOf(known);
  }

  private senderOf(known: KnownKey | null): Sender {
    if (!known) throw Problem.notFound();
    const { endpoint, bucket, digest, isRevoked, worksUntil } = known;
    if (isRevoked || (worksUntil && worksUntil <= this.options.now()))
      throw Problem.gone('This key was revoked.');
    this.options.uses.ofEndpoints.note(digest, null);
    return { binding: bindingOf(endpoint), endpoint, bucket };
  }
}

function bucketIn(
  buckets: Map<string, TokenBucket>,
  id: string,
  perSecond: number,
  now: number,
): TokenBucket {
  const bucket = buckets.get(id) ?? new TokenBucket(perSecond, now);
  buckets.set(id, bucket);
  return bucket;
}

/** The key in `Authorization: Bearer` or `X-Api-Key`. */
export function headerKeyOf({ headers }: FastifyRequest): string | null {
  const bearer = /^Bearer +(\S{1,200})$/i.exec(headers.authorization ?? '')?.[1];
  const apiKey = headers['x-api-key'];
  return bearer ?? (typeof apiKey === 'string' && apiKey !== '' ? apiKey : null);
}
