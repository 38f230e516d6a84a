import { type PartnerId, systemClock } from '@backhaul/domain';
import type { UnitOfWork } from '@backhaul/persistence';
import type { AnchorHeads } from './anchor-heads.js';
import type { AuditRepository } from './audit.repository.js';
import type { CheckAudit } from './check-audit.js';

/** `kept`: it holds its anchor. `broken`: an entry does not follow from the one before, which no restore brings about. */
export type ResealResult = 'sealed' | 'kept' | 'broken';

/** Makes a log good that was restored from an earlier time: in front of everybody, with what was there before. */
export class ResealAudit {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditRepository,
    private readonly check: CheckAudit,
    private readonly anchorHeads: AnchorHeads,
  ) {}

  /** Cut off between entry and anchor, it may be started again. */
  async reseal(partnerId: PartnerId, reason: string): Promise<ResealResult> {
    const { brokenAt, entries, head, anchorState, anchor } = await this.check.check(partnerId);
    if (brokenAt !== null) return 'broken';
    if (!anchor || anchorState === 'agrees') return 'kept';
    const anchored = { anchoredEntries: anchor.entries, anchoredHead: anchor.head, anchoredAt: anchor.at };
    const target = { kind: 'audit', id: partnerId };
    const detail = { reason, anchorState, ...anchored, entries, head };
    await this.unitOfWork.run((tx) =>
      this.audit.record(tx, partnerId, { action: 'audit.reseal', target, detail }),
    );
    const now = await this.audit.verify({ partnerId });
    if (now.head === null) return 'broken';
    const at = systemClock.now().toISOString();
    await this.anchorHeads.anchor({ partnerId, entries: now.entries, head: now.head, at, kind: 'seal' });
    return 'sealed';
  }
}
