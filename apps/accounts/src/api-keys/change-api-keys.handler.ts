import { systemClock, uuidv7 } from '@backhaul/domain';
import { newApiKey, Problem } from '@backhaul/http';
import { accountsApiKeys } from '@backhaul/messaging';
import { type Scope, TenantRepository, type Tx, type UnitOfWork } from '@backhaul/persistence';
import { type DataSource, MoreThan } from 'typeorm';
import { announce } from '../announce.js';
import { ApiKeyEntity, apiKeyPayload } from './api-key.entity.js';
import { API_SCOPES, type CreateApiKeyIn } from './api-keys.types.js';

export class ApiKeyRepository extends TenantRepository<ApiKeyEntity> {
  constructor(dataSource: DataSource) {
    super(dataSource, ApiKeyEntity);
  }

  page(scope: Scope, after: string | null, limit: number): Promise<ApiKeyEntity[]> {
    return this.findMany(scope, after ? { apiKeyId: MoreThan(after) } : {}, { apiKeyId: 'ASC' }, limit);
  }
}

/** Makes, rotates and revokes API keys; the edge learns of it by the compacted topic. All throw Problem. */
export class ChangeApiKeysHandler {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly keys: ApiKeyRepository,
  ) {}

  /** @throws Problem 422 for a time that has passed */
  async create(scope: Scope, body: CreateApiKeyIn): Promise<{ row: ApiKeyEntity; key: string }> {
    const expiresAt = body.expiresAt ? new Date(body.expiresAt) : null;
    if (expiresAt && expiresAt <= systemClock.now()) {
      throw Problem.unprocessable('The key would never work.', [
        { pointer: '/expiresAt', detail: 'must be in the future', rule: 'future' },
      ]);
    }
    return this.unitOfWork.run((tx) =>
      this.add(tx, scope, {
        name: body.name,
        scopes: body.scopes ?? [...API_SCOPES],
        role: body.role ?? 'partner-api',
        expiresAt,
      }),
    );
  }

  /** A new key with the same rights; the old one works on until it is deleted. @throws Problem 404 */
  async rotate(scope: Scope, apiKeyId: string): Promise<{ row: ApiKeyEntity; key: string }> {
    const { name, scopes, role, expiresAt } = await this.get(scope, apiKeyId);
    return this.unitOfWork.run((tx) => this.add(tx, scope, { name, scopes, role, expiresAt }));
  }

  /** @throws Problem 404 */
  async remove(scope: Scope, apiKeyId: string): Promise<void> {
    const row = await this.get(scope, apiKeyId);
    await this.unitOfWork.run(async (tx) => {
      await this.keys.remove(scope, { apiKeyId }, tx.manager);
      await announce(tx, scope.partnerId, accountsApiKeys, null, row.keyId);
    });
  }

  async add(
    tx: Tx,
    scope: Scope,
    rights: Pick<ApiKeyEntity, 'name' | 'scopes' | 'role' | 'expiresAt'>,
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
    return { row, key };
  }

  private async get(scope: Scope, apiKeyId: string): Promise<ApiKeyEntity> {
    const row = await this.keys.findOne(scope, { apiKeyId });
    if (!row) throw Problem.notFound();
    return row;
  }
}
