import { IsIn, IsInt, IsString, IsUUID } from 'class-validator';
import type { Topic } from './topic.js';

export class AuditHeadPayload {
  @IsUUID() partnerId: string;
  /** How many entries the partner's audit log had. */
  @IsInt() entries: number;
  /** The hash of the last of them, hex. */
  @IsString() head: string;
  /** ISO 8601 UTC. The newest counts. */
  @IsString() at: string;
  /** `seal` after a restore of the database: the log may be shorter than before. */
  @IsIn(['regular', 'seal']) kind: 'regular' | 'seal';
  /** Ed25519 of accounts over all the other fields, base64url. */
  @IsString() signature: string;
}

export const auditHeads: Topic<AuditHeadPayload> = {
  name: 'audit.heads.v1',
  meaning:
    'The end of a partner’s audit log at a time, kept where nobody who can write to the log can change it.',
  producer: 'accounts',
  consumers: ['accounts'],
  compacted: false,
  isKeptForever: true,
  partitions: 1,
  // A partner's anchors stand in the order in which they were made.
  key: (p) => p.partnerId,
  payload: AuditHeadPayload,
};
