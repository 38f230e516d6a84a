import { Omittable, PageQuery } from '@backhaul/http';
import { ApiProperty } from '@nestjs/swagger';
import { IsISO8601, IsString, Length } from 'class-validator';
import type { AuditRow } from './audit.repository.js';
import { ANCHOR_STATES, type AnchorState, type CheckedVerdict, isIntact } from './check-audit.js';

export class AuditQuery extends PageQuery {
  /** Such as `rule.create`. */
  @Omittable() @IsString() @Length(1, 100) action?: string;
  /** Such as `account:80202028`. */
  @Omittable() @IsString() @Length(1, 100) subject?: string;
  /** Such as `customer:34826`. */
  @Omittable() @IsString() @Length(1, 200) target?: string;
  @Omittable() @IsISO8601({ strict: true }) from?: string;
  @Omittable() @IsISO8601({ strict: true }) to?: string;
}

export class AuditEntryOut {
  /** Counts the partner's entries, from 1. */
  seq: number;
  at: string;
  /** Who did it. */
  subject: string;
  /** The account as which it was done, while impersonating. */
  @ApiProperty({ type: Number, nullable: true }) onBehalfOf: number | null;
  @ApiProperty({ type: String, nullable: true }) ip: string | null;
  @ApiProperty({ type: String, nullable: true }) requestId: string | null;
  action: string;
  target: string;
  @ApiProperty({ type: Object, nullable: true }) detail: Record<string, unknown> | null;
}

export class AuditEntriesOut {
  @ApiProperty({ type: AuditEntryOut, isArray: true }) items: AuditEntryOut[];
  @ApiProperty({ type: String, nullable: true }) nextCursor: string | null;
}

export class VerdictOut {
  /** Each entry follows from those before it, and what was anchored outside of the database stands where it stood. */
  isIntact: boolean;
  entries: number;
  /** The number of the first entry that was changed, left out or put in. */
  @ApiProperty({ type: Number, nullable: true }) brokenAt: number | null;
  /** Keep it elsewhere: a log that was written anew as a whole ends in another one. */
  @ApiProperty({ type: String, nullable: true }) head: string | null;
  /**
   * `agrees`: the log holds what was anchored. `shorter`: it ends before; it was cut, or restored from an earlier time.
   * `differs`: it was written anew. `none`: nothing was anchored yet. `unknown`: the anchors cannot be read right now.
   */
  @ApiProperty({ type: String, enum: ANCHOR_STATES }) anchorState: AnchorState;
  @ApiProperty({ type: String, nullable: true }) anchoredAt: string | null;
  @ApiProperty({ type: Number, nullable: true }) anchoredEntries: number | null;
  @ApiProperty({ type: String, nullable: true }) anchoredHead: string | null;
}

export function verdictOut(verdict: CheckedVerdict): VerdictOut {
  const { entries, brokenAt, head, anchorState, anchor } = verdict;
  return {
    isIntact: isIntact(verdict),
    entries,
    brokenAt,
    head,
    anchorState,
    anchoredAt: anchor?.at ?? null,
    anchoredEntries: anchor?.entries ?? null,
    anchoredHead: anchor?.head ?? null,
  };
}

export const auditEntryOut = ({ seq, entry }: AuditRow): AuditEntryOut => ({
  seq,
  at: entry.at,
  subject: entry.subject,
  onBehalfOf: entry.onBehalfOf,
  ip: entry.ip,
  requestId: entry.requestId,
  action: entry.action,
  target: `${entry.targetKind}:${entry.targetId}`,
  detail: entry.detail,
});
