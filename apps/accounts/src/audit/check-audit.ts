import type { PartnerId } from '@backhaul/domain';
import type { AuditHeadPayload } from '@backhaul/messaging';
import type { Anchors } from './anchors.js';
import type { AuditRepository, Verdict } from './audit.repository.js';

/**
 * `agrees`: the log holds what was anchored. `shorter`: it ends before, so it was cut or restored from an earlier time.
 * `differs`: another entry stands where the anchored one stood, so it was written anew. `none`: nothing was anchored yet.
 * `unknown`: the anchors cannot be read right now.
 */
export const ANCHOR_STATES = ['agrees', 'shorter', 'differs', 'none', 'unknown'] as const;
export type AnchorState = (typeof ANCHOR_STATES)[number];

export interface CheckedVerdict extends Verdict {
  anchorState: AnchorState;
  anchor: AuditHeadPayload | null;
}

export const isIntact = ({ brokenAt, anchorState }: CheckedVerdict): boolean =>
  brokenAt === null && anchorState !== 'shorter' && anchorState !== 'differs';

/** The chain against itself, and against what was anchored outside of the database. */
export class CheckAudit {
  constructor(
    private readonly audit: AuditRepository,
    private readonly anchors: Anchors,
  ) {}

  async check(partnerId: PartnerId): Promise<CheckedVerdict> {
    const verdict = await this.audit.verify({ partnerId });
    return { ...verdict, ...(await this.against(partnerId)) };
  }

  async against(partnerId: PartnerId): Promise<Pick<CheckedVerdict, 'anchorState' | 'anchor'>> {
    const anchor = this.anchors.get(partnerId) ?? null;
    if (!anchor) return { anchorState: this.anchors.isReady ? 'none' : 'unknown', anchor };
    const found = await this.audit.hashAt(partnerId, anchor.entries);
    if (found === null) return { anchorState: 'shorter', anchor };
    return { anchorState: found === anchor.head ? 'agrees' : 'differs', anchor };
  }
}
