import { uuidv7 } from '@backhaul/domain';
import type { Publisher } from './publisher.js';
import { type OutgoingRecord, toRecord } from './record.js';
import { apiKeyUses } from './topics/api-key-uses.js';
import type { ApiKeyPayload } from './topics/accounts-api-keys.js';

interface ApiKeyUse {
  /** The key's id. */
  key: string;
  at: Date;
  ip: string | null;
}

/** Tells accounts when and from where keys were used. A repeat changes nothing there. @throws PublishError */
export async function tellApiKeyUses(
  publisher: Pick<Publisher, 'send'>,
  known: { get(keyId: string): ApiKeyPayload | undefined },
  uses: readonly ApiKeyUse[],
): Promise<void> {
  await publisher.send(uses.flatMap((use) => recordOf(use, known.get(use.key)?.partnerId) ?? []));
}

/** Null for a key that was revoked meanwhile. */
function recordOf({ key, at, ip }: ApiKeyUse, partnerId: string | undefined): OutgoingRecord | null {
  if (partnerId === undefined) return null;
  const [id, occurredAt] = [uuidv7(at.getTime()), at.toISOString()];
  const envelope = { id, occurredAt, partnerId, correlationId: id, causationId: null };
  return toRecord(apiKeyUses, { keyId: key, partnerId, at: occurredAt, ip }, envelope);
}
