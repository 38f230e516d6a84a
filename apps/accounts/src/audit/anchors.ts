import {
  auditHeads,
  type AuditHeadPayload,
  type CompactedTableOptions,
  TopicDirectory,
} from '@backhaul/messaging';
import type { HeadSignature } from './head-signature.js';

/** The newest anchor of each partner's audit log, as Kafka keeps it. */
export interface Anchors {
  get(partnerId: string): AuditHeadPayload | undefined;
  keys(): string[];
  /** False until all anchors that stood in the topic at the start are known. */
  readonly isReady: boolean;
}

/** Where Kafka is not read: nothing is known. */
export const NO_ANCHORS: Anchors = { get: () => undefined, keys: () => [], isReady: false };

/** What nobody of ours signed is no anchor; nor is an old one that somebody sends again. */
export const anchorsIn = (
  kafka: Omit<CompactedTableOptions<AuditHeadPayload>, 'topic' | 'accepts'>,
  signature: HeadSignature,
): TopicDirectory<AuditHeadPayload> =>
  new TopicDirectory({
    ...kafka,
    topic: auditHeads,
    accepts: (next, known) => signature.isOurs(next) && (!known || next.at > known.at),
  });
