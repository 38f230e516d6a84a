/**
 * What was read was written by a transaction that began after this one, so the whole transaction is done again: the
 * outbox is published in the order of transaction ids, and the end of a problem must not be told before its beginning.
 */
class OvertakenError extends Error {
  readonly code = '40001';
  constructor() {
    super('what was read was written by another transaction since, or by a younger one');
  }
}

/** Goes with the columns of a row; below 0: a younger transaction wrote it. */
export const AGE = 'age(xmin) AS age';

/** @throws OvertakenError */
export function refuseYounger(rows: readonly { age: number }[]): void {
  if (rows.some(({ age }) => age < 0)) throw new OvertakenError();
}

/** @throws OvertakenError where not all that was read is there still */
export function refuseGone(there: readonly unknown[], read: readonly unknown[]): void {
  if (there.length < read.length) throw new OvertakenError();
}
