import type { Clock, PartnerId } from '@backhaul/domain';
import { Problem } from '@backhaul/http';
import { accountsPartners } from '@backhaul/messaging';
import type { AuditTrail, Tx, UnitOfWork } from '@backhaul/persistence';
import { announce } from '../announce.js';
import { PartnerEntity, partnerPayload } from './partner.entity.js';

/**
 * An operator shuts a partner's people and programs out, and lets them in again. Nothing is taken from the partner: agents
 * report, tickets close, and what had not ended meanwhile works again.
 */
export class SuspendPartnersHandler {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** A partner that is suspended already stays as it is. @throws Problem 404 */
  suspend(partnerId: PartnerId, reason: string): Promise<PartnerEntity> {
    const suspended = { isSuspended: true, suspendedAt: this.clock.now(), suspensionReason: reason.trim() };
    return this.change(partnerId, 'partner.suspend', reason, suspended);
  }

  /** @throws Problem 404 */
  restore(partnerId: PartnerId, reason: string): Promise<PartnerEntity> {
    const restored = { isSuspended: false, suspendedAt: null, suspensionReason: null };
    return this.change(partnerId, 'partner.restore', reason, restored);
  }

  private change(
    partnerId: PartnerId,
    action: string,
    reason: string,
    state: Pick<PartnerEntity, 'isSuspended' | 'suspendedAt' | 'suspensionReason'>,
  ): Promise<PartnerEntity> {
    return this.unitOfWork.run(async (tx) => {
      const partner = await this.alone(tx, partnerId);
      if (!partner) throw Problem.notFound();
      if (partner.isSuspended === state.isSuspended) return partner;
      const changed = { ...partner, ...state };
      await tx.manager.update(PartnerEntity, { partnerId }, state);
      await announce(tx, partnerId, accountsPartners, partnerPayload(changed));
      const target = { kind: 'partner', id: partnerId };
      await this.audit.record(tx, partnerId, { action, target, detail: { reason: reason.trim() } });
      return changed;
    });
  }

  /** Before any write: the outbox orders by when a transaction began to write. */
  private async alone(tx: Tx, partnerId: PartnerId): Promise<PartnerEntity | null> {
    await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`${partnerId}|partner`]);
    return tx.manager.findOne(PartnerEntity, { where: { partnerId } });
  }
}
