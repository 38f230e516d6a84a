import { type Principal, Problem } from '@backhaul/http';
import type { AuditTrail, Tx, UnitOfWork } from '@backhaul/persistence';
import type { AccountRepository } from '../accounts/account.repository.js';
import type { PasskeyRepository } from '../passkeys/passkey.repository.js';
import type { Person } from '../people/person.js';
import type { PersonRepository } from '../people/person.repository.js';
import type { SecondFactors } from '../second-factors/second-factors.js';
import type { SessionRepository } from '../sessions/session.repository.js';
import { reachLogin } from './reach-login.js';

export interface Logins {
  accounts: AccountRepository;
  people: PersonRepository;
  sessions: SessionRepository;
  factors: SecondFactors;
  passkeys: PasskeyRepository;
}

/** What a manager ends for somebody whose device was stolen, or who lost it. */
export class EndLoginsHandler {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly logins: Logins,
    private readonly audit: AuditTrail,
  ) {}

  /** Sessions, those that act as the account, and tokens. `kept` is the caller's own session. @throws Problem 403, 404 */
  async endSessions(caller: Principal, accountNo: number, kept: string | null): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      const person = await reachLogin(tx, this.logins, caller, accountNo);
      await this.logins.sessions.endAll(tx, person.personId, kept);
      await this.record(tx, 'account.sessions.end', person);
    });
  }

  /**
   * Authenticator, recovery codes and passkeys, after which the password alone opens the door: so it must be long.
   * @throws Problem 403, 404 also without a factor, 409 while the password is too short, 422 for one's own
   */
  async takeFactors(caller: Principal, accountNo: number): Promise<void> {
    if (caller.accountNo === accountNo) throw notOnesOwn();
    await this.unitOfWork.run(async (tx) => {
      const person = await reachLogin(tx, this.logins, caller, accountNo);
      if (person.hasShortPassword)
        throw Problem.conflict('The password is too short to stand alone; set a new one first.');
      const passkeys = await this.logins.passkeys.removeAll(tx, person.personId);
      if (passkeys === 0 && !person.hasSecondFactor) throw Problem.notFound();
      await this.logins.factors.remove(tx, person);
      await this.logins.sessions.endAll(tx, person.personId);
      await this.record(tx, 'account.factors.take', person, {
        authenticator: person.hasSecondFactor,
        passkeys,
      });
    });
  }

  private record(tx: Tx, action: string, person: Person, detail?: Record<string, unknown>): Promise<void> {
    const target = { kind: 'account', id: String(person.accountNo) };
    return this.audit.record(tx, person.partnerId, { action, target, ...(detail && { detail }) });
  }
}

/** With a session alone nobody could have proved to be there by the factor that is lost. */
const notOnesOwn = (): Problem =>
  Problem.unprocessable('Nobody takes the own factors this way; remove them under /me, or ask a manager.');
