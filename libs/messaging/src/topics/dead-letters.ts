import type { ServiceName } from './topic.js';

/** Why a record was set aside. An outage is never a reason. */
export const DEAD_LETTER_CLASSES = [
  /** The bytes are no record of ours. */
  'decode',
  /** The payload does not have the shape of its topic. */
  'schema',
  /** A newer producer says something this version has no word for: publish again after the upgrade. */
  'unknown-type',
  /** A rule of ours is broken by it, three times over. */
  'invariant',
  /** The other side refused it and will always do so. */
  'definitive-remote',
  /** It ended the process each time it was tried. */
  'killer',
  /** A message of our own that Kafka will not take as it is, such as one that is too large: it has not left yet. */
  'unsent',
] as const;
export type DeadLetterClass = (typeof DEAD_LETTER_CLASSES)[number];

/** What a service could not take, bytes and headers as they came. One topic per consuming service, one partition: people read it. */
export const deadLetterTopic = (service: ServiceName): string => `dead-letters.${service}.v1`;

export const DEAD_LETTERS = {
  partitions: 1,
  retentionMs: 90 * 24 * 3600 * 1000,
  /** Twice what a topic takes, so that the largest record fits with its reason. */
  maxBytes: 2 * 1024 * 1024,
} as const;
