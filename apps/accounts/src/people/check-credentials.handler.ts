import { Problem } from '@backhaul/http';
import { hashPassword, isPassword } from '../accounts/passwords.js';
import type { LoginRecord } from './login-record.js';
import type { Attempt, LoginThrottle } from './login-throttle.js';
import type { Person } from './person.js';
import type { PersonRepository } from './person.repository.js';

export interface Credentials {
  username: string;
  password: string;
}

/** One text for every reason, so that nobody learns which names exist. */
export const wrongCredentials = (): Problem =>
  Problem.unauthorized('The username or the password is not right.');

/** Proves a username and password. Runs inside the hash gate of its caller. */
export class CheckCredentialsHandler {
  /** Of a password that nobody has; an unknown name costs as much as a known one. */
  private readonly dummy = hashPassword('nobody has this password');

  constructor(
    private readonly people: PersonRepository,
    private readonly throttle: LoginThrottle,
    private readonly record: LoginRecord,
    private readonly verify: typeof isPassword = isPassword,
  ) {}

  /** The attempt is still open: say how it ended. @throws Problem 401, 429 */
  async check(given: Credentials, ip: string): Promise<{ person: Person; attempt: Attempt }> {
    const attempt = await this.throttle.begin(given.username, ip);
    try {
      const people = await this.people.findAcrossTenants(given.username);
      const person = await this.whoseIs(given.password, people);
      // Several share the name: one of them who logs in must not give a guesser at another a fresh count.
      const succeeded = () => (people.length > 1 ? attempt.takeBack() : attempt.succeeded());
      if (person) return { person, attempt: { ...attempt, succeeded } };
      await this.record.note('wrong-password', { ...given, ip, person: people[0] ?? null });
    } catch (error) {
      await attempt.takeBack();
      throw error;
    }
    throw wrongCredentials();
  }

  /** Every candidate is tried, and somebody always: the time says nothing about who matched. */
  async whoseIs(password: string, people: Person[]): Promise<Person | null> {
    const candidates = people.length > 0 ? people : [null];
    let found: Person | null = null;
    for (const candidate of candidates) {
      const stored = candidate?.passwordHash ?? (await this.dummy);
      const isRight = await this.verify(password, stored);
      // Two partners may have the same name with the same password: the older account it is.
      if (isRight && candidate?.passwordHash) found ??= candidate;
    }
    return found;
  }
}
