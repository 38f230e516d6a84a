import { systemClock, uuidv7 } from '@backhaul/domain';
import { newApiKey, Problem } from '@backhaul/http';
import { accountsApiKeys } from '@backhaul/messaging';
import type { AuditTrail, Scope, Tx, UnitOfWork } from '@backhaul/persistence';
import { IsNull } from 'typeorm';
import { announce } from '../announce.js';
import type { BrandRepository } from '../brands/brand.repository.js';
import { type ApiKeyEntity, apiKeyPayload, type KeyKind, kindOf, lastMomentOf } from './api-key.entity.js';
import { allowedNetworks, endOf, overlapEnd, successorsEnd } from './key-terms.js';
import type { ApiKeyRepository } from './api-key.repository.js';
import { API_SCOPES, type CreateApiKeyIn } from './api-keys.types.js';

const USUAL_OVERLAP_HOURS = 24;

/** What both kinds are made from. */
type NewKey = Omit<CreateApiKeyIn, 'scopes'> & { scopes?: readonly string[] | null };

interface MadeKey {
  row: ApiKeyEntity;
  /** Shown once. */
  key: string;
}

/** Makes, rotates and revokes API keys and access tokens; the edge learns of it by the compacted topic. All throw Problem. */
export class ChangeApiKeysHandler {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly keys: ApiKeyRepository,
    private readonly brands: BrandRepository,
    private readonly audit: AuditTrail,
  ) {}

  /** It never reaches further than who makes it. @throws Problem 400 for a network, 404 unknown brand, 422 for its end */
  async create(scope: Scope, body: NewKey): Promise<MadeKey> {
    const expiresAt = endOf(body.expiresAt, systemClock.now());
    const allowedCidrs = allowedNetworks(body.allowedCidrs ?? []);
    const brandId = body.brandId ? (await this.brands.get(scope, body.brandId)).brandId : scope.brandId;
    return this.unitOfWork.run((tx) =>
      this.add(tx, scope, {
        name: body.name.trim(),
        scopes: [...new Set(body.scopes ?? API_SCOPES)],
        role: body.role ?? 'partner-api',
        expiresAt,
        brandId,
        allowedCidrs,
      }),
    );
  }

  /**
   * A new key with the same rights; the old one works on for the overlap, then not.
   * @throws Problem 404, 409 when it was replaced already, 422 once it expired
   */
  async rotate(scope: Scope, apiKeyId: string, overlapHours = USUAL_OVERLAP_HOURS): Promise<MadeKey> {
    return this.unitOfWork.run(async (tx) => {
      const old = await this.keys.get(scope, 'api-key', apiKeyId, tx);
      const now = systemClock.now();
      if (old.overlapUntil) throw alreadyReplaced();
      if (old.expiresAt && old.expiresAt <= now) throw expired();
      await this.endAfter(tx, scope, old, overlapEnd(overlapHours, now));
      const { name, scopes, role, brandId, allowedCidrs } = old;
      const expiresAt = successorsEnd(old, now);
      return this.add(tx, scope, { name, scopes, role, expiresAt, brandId, allowedCidrs });
    });
  }

  /** @throws Problem 404 */
  async remove(scope: Scope, kind: KeyKind, apiKeyId: string): Promise<void> {
    await this.unitOfWork.run(async (tx) =>
      this.revoke(tx, scope, await this.keys.get(scope, kind, apiKeyId, tx)),
    );
  }

  private async revoke(tx: Tx, scope: Scope, row: ApiKeyEntity): Promise<void> {
    if ((await this.keys.remove(scope, { apiKeyId: row.apiKeyId }, tx.manager)) === 0)
      throw Problem.notFound();
    await announce(tx, scope.partnerId, accountsApiKeys, null, row.keyId);
    await this.record(tx, 'revoke', row);
  }

  private async endAfter(tx: Tx, scope: Scope, row: ApiKeyEntity, overlapUntil: Date | null): Promise<void> {
    if (overlapUntil === null) return this.revoke(tx, scope, row);
    const where = { apiKeyId: row.apiKeyId, overlapUntil: IsNull() };
    if ((await this.keys.update(scope, where, { overlapUntil }, tx.manager)) === 0) throw alreadyReplaced();
    const ending = { ...row, overlapUntil };
    await announce(tx, scope.partnerId, accountsApiKeys, apiKeyPayload(ending));
    await this.record(tx, 'rotate', ending);
  }

  async add(
    tx: Tx,
    scope: Scope,
    rights: Pick<ApiKeyEntity, 'name' | 'scopes' | 'role' | 'expiresAt' | 'brandId' | 'allowedCidrs'>,
  ): Promise<MadeKey> {
    const { keyId, text: key, secretHash } = newApiKey();
    const now = systemClock.now();
    const row: ApiKeyEntity = {
      ...rights,
      partnerId: scope.partnerId,
      apiKeyId: uuidv7(now.getTime()),
      keyId,
      secretHash,
      createdAt: now,
      overlapUntil: null,
      lastUsedAt: null,
      lastUsedIp: null,
    };
    await this.keys.insert(scope, row, tx.manager);
    await announce(tx, scope.partnerId, accountsApiKeys, apiKeyPayload(row));
    await this.record(tx, 'create', row);
    return { row, key };
  }

  private record(tx: Tx, what: 'create' | 'rotate' | 'revoke', row: ApiKeyEntity): Promise<void> {
    const { partnerId, keyId, name, role, scopes, brandId, allowedCidrs } = row;
    const kind = kindOf(row);
    const target = { kind, id: keyId };
    const endsAt = lastMomentOf(row)?.toISOString() ?? null;
    const detail = { name, role, scopes, brandId, allowedCidrs, endsAt };
    return this.audit.record(tx, partnerId, { action: `${kind}.${what}`, target, detail });
  }
}

const expired = (): Problem => Problem.unprocessable('The key has expired; make a new one.');
const alreadyReplaced = (): Problem => Problem.conflict('The key was replaced already.');
