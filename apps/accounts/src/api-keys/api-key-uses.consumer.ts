import { ApiKeyUsePayload, apiKeyUses, type Delivered, OnTopic } from '@backhaul/messaging';
import { UnitOfWork } from '@backhaul/persistence';
import { Controller } from '@nestjs/common';

/** Several processes tell of the same key; one of them a minute is enough. */
const WRITE = `
  UPDATE api_key k SET last_used_at = u.at, last_used_ip = u.ip
  FROM (
    SELECT DISTINCT ON (key_id) key_id, at, ip
    FROM unnest($1::text[], $2::timestamptz[], $3::text[]) AS told (key_id, at, ip) ORDER BY key_id, at DESC
  ) u
  WHERE k.key_id = u.key_id AND (k.last_used_at IS NULL OR k.last_used_at <= u.at - interval '1 minute')`;

/** When and from where API keys were last used, as the gateway and ingestion tell. A repeat changes nothing. */
@Controller()
export class ApiKeyUsesConsumer {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  @OnTopic(apiKeyUses)
  async onUses(batch: Delivered<ApiKeyUsePayload>[]): Promise<void> {
    const uses = batch.flatMap(({ payload }) => payload ?? []);
    await this.unitOfWork.query(WRITE, [
      uses.map(({ keyId }) => keyId),
      uses.map(({ at }) => at),
      uses.map(({ ip }) => ip ?? null),
    ]);
  }
}
