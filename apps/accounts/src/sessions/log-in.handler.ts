import { type FactorOwed, Problem } from '@backhaul/http';
import type { UnitOfWork } from '@backhaul/persistence';
import type { Client } from '../authentications/client.js';
import {
  type CheckCredentialsHandler,
  type Credentials,
  wrongCredentials,
} from '../people/check-credentials.handler.js';
import { factorOwed } from '../people/factor-owed.js';
import type { HashGate } from '../people/hash-gate.js';
import type { LoginRecord } from '../people/login-record.js';
import { assertNotSuspended, type Person } from '../people/person.js';
import type { SecondFactors } from '../second-factors/second-factors.js';
import type { SessionRepository } from './session.repository.js';

/** The password was right; only who has it gets to read this. */
const codeNeeded = (): Problem =>
  new Problem({
    status: 401,
    slug: 'second-factor-required',
    title: 'Second factor required',
    detail: 'Send the code of your authenticator or a recovery code as `code`.',
  });

export interface LoggedIn {
  person: Person;
  /** Goes into the cookie. */
  secret: string;
  owed: FactorOwed | null;
}

/** A person logs in: prove, begin a session of its own, write it down. */
export class LogInHandler {
  constructor(
    private readonly gate: HashGate,
    private readonly credentials: CheckCredentialsHandler,
    private readonly factors: SecondFactors,
    private readonly sessions: SessionRepository,
    private readonly record: LoginRecord,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** @throws Problem 401, 403 while the partner is suspended, 429, 503 */
  handle(given: Credentials & { code?: string | null }, client: Client): Promise<LoggedIn> {
    return this.gate.run(async () => {
      const { person, attempt } = await this.credentials.check(given, client.ip);
      const code = await this.factors.check(person, given.code);
      if (code === 'missing') {
        await attempt.takeBack();
        throw codeNeeded();
      }
      if (code === 'wrong') {
        await this.record.note('wrong-code', { ...given, ip: client.ip, person });
        throw wrongCredentials();
      }
      await attempt.succeeded();
      return this.begin(person, client, code === 'right');
    });
  }

  /** A new secret, whatever cookie came along: one that somebody planted is worth nothing. @throws Problem 403 */
  async begin(person: Person, client: Client, hasShownFactor: boolean): Promise<LoggedIn> {
    if (person.isSuspended)
      await this.record.note('partner-suspended', { username: person.username, ip: client.ip, person });
    assertNotSuspended(person);
    const secret = await this.unitOfWork.run(async (tx) => {
      if (client.sessionHash !== null) await this.sessions.endByHash(tx, client.sessionHash);
      await this.record.note('logged-in', { username: person.username, ip: client.ip, person }, tx);
      return this.sessions.start(tx, person.personId, client, hasShownFactor);
    });
    return { person, secret, owed: factorOwed(person, { hasShownFactor }) };
  }
}
