import { PsaError } from './psa-error.js';
import type { ConnectionCheck } from './ticket-port.js';

interface Steps {
  /** The first step: reaches the PSA, proves the keys. */
  version: () => Promise<string | null>;
  [name: string]: () => Promise<unknown>;
}

/** Runs the steps in order; after a failure that every later one would share, it stops. */
export async function checkConnection(steps: Steps): Promise<ConnectionCheck> {
  const done: ConnectionCheck['steps'] = [];
  let version: string | null = null;
  for (const [name, step] of Object.entries(steps)) {
    try {
      const result = await step();
      if (name === 'version' && typeof result === 'string') version = result;
      done.push({ name, isOk: true, reason: null });
    } catch (error) {
      if (!(error instanceof PsaError)) throw error;
      done.push({ name, isOk: false, reason: error.reason });
      if (error.outcome !== 'definitive') break;
    }
  }
  return { isOk: done.every(({ isOk }) => isOk), version, steps: done };
}
