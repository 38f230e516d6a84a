import { type Identity, Problem } from '@backhaul/http';
import type { CheckCredentialsHandler, Credentials } from '../people/check-credentials.handler.js';
import type { HashGate } from '../people/hash-gate.js';
import type { LoginRecord } from '../people/login-record.js';
import { assertNotSuspended, identityOf, type Person } from '../people/person.js';
import type { PersonRepository } from '../people/person.repository.js';
import type { KnownPasswords } from './known-passwords.js';

/** Programs that log in with the username and password of an account of role Partner API (A2, A16). */
export class CheckProgramHandler {
  constructor(
    private readonly gate: HashGate,
    private readonly credentials: CheckCredentialsHandler,
    private readonly people: PersonRepository,
    private readonly known: KnownPasswords,
    private readonly record: LoginRecord,
  ) {}

  /** @throws Problem 401 wrong or unknown, 403 for another role, 429, 503 */
  async check(given: Credentials, ip: string): Promise<Identity> {
    return this.identityOf(await this.personOf(given, ip));
  }

  /** @throws Problem 401, 403, 429, 503 */
  async personOf(given: Credentials, ip: string): Promise<Person> {
    const person = (await this.alreadyProved(given)) ?? (await this.gate.run(() => this.proved(given, ip)));
    this.identityOf(person);
    return person;
  }

  /** @throws Problem 403 while the partner is suspended, and for another role: without Partner API an account's credentials do not open the API */
  identityOf(person: Person): Identity {
    assertNotSuspended(person);
    if (person.role !== 'partner-api')
      throw Problem.forbidden('Only an account with the role Partner API may use the API.');
    return identityOf(person, null);
  }

  private async alreadyProved(given: Credentials): Promise<Person | null> {
    const known = this.known.find(given);
    const person = known && (await this.people.find(known.personId));
    if (!known || !person || person.passwordHash !== known.passwordHash) return null;
    return person.username.toLowerCase() === given.username.toLowerCase() ? person : null;
  }

  private async proved(given: Credentials, ip: string): Promise<Person> {
    const { person, attempt } = await this.credentials.check(given, ip);
    await attempt.succeeded();
    if (person.role === 'partner-api') this.known.add(given, person);
    else await this.record.note('role-not-allowed', { ...given, ip, person });
    return person;
  }
}
