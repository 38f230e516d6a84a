import { createHmac, randomBytes } from 'node:crypto';
import type { Credentials } from '../people/check-credentials.handler.js';
import type { Person } from '../people/person.js';

const MOST = 1000;

interface Known {
  personId: string;
  passwordHash: string | null;
}

/**
 * Passwords of programs that were proved since this process started, so that Basic does not cost a hash for each call.
 * Bound to the account and its stored hash: a changed password is unknown at once. Holds no password, only a MAC under
 * a key that dies with the process.
 */
export class KnownPasswords {
  private readonly key = randomBytes(32);
  private readonly known = new Map<string, Known>();

  find(given: Credentials): Known | null {
    return this.known.get(this.macOf(given)) ?? null;
  }

  add(given: Credentials, { personId, passwordHash }: Person): void {
    if (this.known.size >= MOST) this.known.delete(String(this.known.keys().next().value));
    this.known.set(this.macOf(given), { personId, passwordHash });
  }

  private macOf({ username, password }: Credentials): string {
    const text = JSON.stringify([username.toLowerCase(), password.normalize('NFKC')]);
    return createHmac('sha256', this.key).update(text).digest('base64');
  }
}
