/** `key_missing`: by a key encryption key that is not in our settings; who put the text there has nothing to mend. */
export type SealReason = 'broken' | 'key_missing';

/** The text was not sealed by a key of ours for this place, or was changed since. */
export class SealError extends Error {
  readonly reason: SealReason;

  constructor({ reason = 'broken', ...options }: ErrorOptions & { reason?: SealReason } = {}) {
    super('The sealed text cannot be opened here', options);
    this.name = 'SealError';
    this.reason = reason;
  }
}
