import { type PartnerId, systemClock, uuidv7 } from '@backhaul/domain';
import { auditEntries, type AuditEntryPayload } from '@backhaul/messaging';
import { outboxMessage, publishAll } from '../outbox/publish.js';
import { currentCaller } from '../tenancy/tenant-context.js';
import type { Tx } from '../unit-of-work.js';

/** What somebody did. */
export interface AuditedAct {
  /** Such as `rule.create`. */
  action: string;
  target: { kind: string; id: string | number };
  /** What changed, as far as it is no secret. */
  detail?: Record<string, unknown>;
}

/** Keeps who did what, for whom and from where. */
export interface AuditTrail {
  /** In the transaction of the act: what cannot be recorded does not happen. */
  record(tx: Tx, partnerId: PartnerId, act: AuditedAct): Promise<void>;
}

/** The act as the caller of this request did it; outside of one, the service itself. */
export function auditEntryOf(
  partnerId: PartnerId,
  { action, target, detail }: AuditedAct,
): AuditEntryPayload {
  const now = systemClock.now();
  const caller = currentCaller();
  return {
    entryId: uuidv7(now.getTime()),
    partnerId,
    at: now.toISOString(),
    subject: caller?.subject ?? 'system',
    onBehalfOf: caller?.onBehalfOf ?? null,
    ip: caller?.ip ?? null,
    requestId: caller?.requestId ?? null,
    action,
    targetKind: target.kind,
    targetId: String(target.id),
    detail: detail ?? null,
  };
}

/** By way of the outbox to accounts, which owns the audit log. */
export const outboxAuditTrail: AuditTrail = {
  record: async (tx, partnerId, act) => {
    const entry = auditEntryOf(partnerId, act);
    const { entryId: id, at: occurredAt } = entry;
    const envelope = { id, occurredAt, partnerId, correlationId: id, causationId: null };
    await publishAll(tx, [outboxMessage(auditEntries, entry, envelope)]);
  },
};
