/** The text was not sealed by a key of ours for this place, or was changed since. */
export class SealError extends Error {
  constructor(options?: ErrorOptions) {
    super('The sealed text cannot be opened here', options);
    this.name = 'SealError';
  }
}
