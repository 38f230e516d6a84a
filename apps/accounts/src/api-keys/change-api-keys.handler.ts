import { systemClock, uuidv7 } from '@backhaul/domain';
import { newApiKey, Problem } from '@backhaul/http';
import { accountsApiKeys } from '@backhaul/messaging';
import type { AuditTrail, Scope, Tx, UnitOfWork } from '@backhaul/persistence';
import { announce } from '../announce.js';
import type { BrandRepository } from '../brands/brand.repository.js';
import { type ApiKeyEntity, apiKeyPayload } from './api-key.entity.js';
import type { ApiKeyRepository } from './api-key.repository.js';
import { API_SCOPES, type CreateApiKeyIn } from './api-keys.types.js';

/** Makes, rotates and revokes API keys; the edge learns of it by the compacted topic. All throw Problem. */
export class ChangeApiKeysHandler {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly keys: ApiKeyRepository,
    private readonly brands: BrandRepository,
    private readonly audit: AuditTrail,
  ) {}

  /** It never reaches further than who makes it. @throws Problem 404 unknown brand, 422 for a time that has passed */
  async create(scope: Scope, body: CreateApiKeyIn): Promise<{ row: ApiKeyEntity; key: string }> {
    const expiresAt = body.expiresAt ? new Date(body.expiresAt) : null;
    assertFuture(expiresAt, '/expiresAt');
    const brandId = body.brandId ? (await this.brands.get(scope, body.brandId)).brandId : scope.brandId;
    return this.unitOfWork.run((tx) =>
      this.add(tx, scope, {
        name: body.name.trim(),
        scopes: [...new Set(body.scopes ?? API_SCOPES)],
        role: body.role ?? 'partner-api',
        expiresAt,
        brandId,
      }),
    );
  }

  /** A new key with the same rights; the old one works on until it is deleted. @throws Problem 404, 422 once it expired */
  async rotate(scope: Scope, apiKeyId: string): Promise<{ row: ApiKeyEntity; key: string }> {
    return this.unitOfWork.run(async (tx) => {
      const { name, scopes, role, expiresAt, brandId } = await this.keys.get(scope, apiKeyId, tx);
      assertFuture(expiresAt, '');
      return this.add(tx, scope, { name, scopes, role, expiresAt, brandId });
    });
  }

  /** @throws Problem 404 */
  async remove(scope: Scope, apiKeyId: string): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      const row = await this.keys.get(scope, apiKeyId, tx);
      if ((await this.keys.remove(scope, { apiKeyId }, tx.manager)) === 0) throw Problem.notFound();
      await announce(tx, scope.partnerId, accountsApiKeys, null, row.keyId);
      await this.record(tx, 'api-key.revoke', row);
    });
  }

  async add(
    tx: Tx,
    scope: Scope,
    rights: Pick<ApiKeyEntity, 'name' | 'scopes' | 'role' | 'expiresAt' | 'brandId'>,
  ): Promise<{ row: ApiKeyEntity; key: string }> {
    const { keyId, text: key, secretHash } = newApiKey();
    const now = systemClock.now();
    const row: ApiKeyEntity = {
      ...rights,
      partnerId: scope.partnerId,
      apiKeyId: uuidv7(now.getTime()),
      keyId,
      secretHash,
      createdAt: now,
    };
    await this.keys.insert(scope, row, tx.manager);
    await announce(tx, scope.partnerId, accountsApiKeys, apiKeyPayload(row));
    await this.record(tx, 'api-key.create', row);
    return { row, key };
  }

  private record(tx: Tx, action: string, row: ApiKeyEntity): Promise<void> {
    const { partnerId, keyId, name, role, scopes, brandId } = row;
    const target = { kind: 'api-key', id: keyId };
    return this.audit.record(tx, partnerId, { action, target, detail: { name, role, scopes, brandId } });
  }
}

/** @throws Problem 422 */
function assertFuture(expiresAt: Date | null, pointer: string): void {
  if (!expiresAt || expiresAt > systemClock.now()) return;
  throw Problem.unprocessable('The key would never work.', [
    { pointer, detail: 'must be in the future', rule: 'future' },
  ]);
}
