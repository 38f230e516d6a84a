import { AsyncLocalStorage } from 'node:async_hooks';
import type { Tx } from './unit-of-work.js';

/** A message that work would publish, or did. */
export interface WatchedMessage {
  topic: string;
  key: string;
}

interface Watch {
  isRehearsal: boolean;
  messages: WatchedMessage[];
}

/** Ends a rehearsed transaction; never leaves the unit of work. */
export class RolledBack extends Error {
  constructor(readonly answer: unknown) {
    super('rehearsed');
  }
}

const watching = new AsyncLocalStorage<Watch>();

async function watch(isRehearsal: boolean, work: () => Promise<void>): Promise<WatchedMessage[]> {
  const messages: WatchedMessage[] = [];
  await watching.run({ isRehearsal, messages }, work);
  return messages;
}

/** Does the work and answers what it published. */
export const observe = (work: () => Promise<void>): Promise<WatchedMessage[]> => watch(false, work);

/** Does the work and answers what it would publish: each of its units of work ends with a rollback. */
export const rehearse = (work: () => Promise<void>): Promise<WatchedMessage[]> => watch(true, work);

/** The last step of a transaction: notes what stands in the outbox, and undoes a rehearsal. @throws RolledBack */
export async function watched<T>(tx: Tx, answer: T): Promise<T> {
  const store = watching.getStore();
  if (!store) return answer;
  const sent = await tx.query<WatchedMessage>(
    'SELECT topic, key FROM outbox WHERE xid = pg_current_xact_id() ORDER BY seq',
  );
  store.messages.push(...sent);
  if (store.isRehearsal) throw new RolledBack(answer);
  return answer;
}
