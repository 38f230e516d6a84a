import { PsaError } from '../psa-error.js';

/** For reads that prepare a write: whatever befalls them, the write itself was not sent. */
export async function unsent<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PsaError) || error.outcome !== 'unknown') throw error;
    const { reason, status, code, vendorMessages, vendorRequestId } = error;
    throw new PsaError({ outcome: 'not_sent', reason, status, code, vendorMessages, vendorRequestId });
  }
}
