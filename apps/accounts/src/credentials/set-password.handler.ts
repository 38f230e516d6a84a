import type { AccountNo } from '@backhaul/domain';
import { type Principal, Problem } from '@backhaul/http';
import {
  type AuditTrail,
  brokenConstraint,
  type Scope,
  type Tx,
  type UnitOfWork,
} from '@backhaul/persistence';
import type { AccountRepository } from '../accounts/account.repository.js';
import { hashPassword, type PasswordFingerprint, randomPassword } from '../accounts/passwords.js';
import type { HashGate } from '../people/hash-gate.js';
import { assertGoodPassword, isShort } from '../people/password-rules.js';
import type { Person } from '../people/person.js';
import type { PersonRepository } from '../people/person.repository.js';
import type { SessionRepository } from '../sessions/session.repository.js';
import type { SetPasswordIn } from './credentials.types.js';
import { reachLogin } from './reach-login.js';

/** A new password of an account (A7), typed or made here. It ends whatever the old one opened. */
export class SetPasswordHandler {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly accounts: AccountRepository,
    private readonly people: PersonRepository,
    private readonly sessions: SessionRepository,
    private readonly gate: HashGate,
    private readonly keeping: { fingerprint: PasswordFingerprint; audit: AuditTrail },
  ) {}

  /** The password, when it was made here: shown once. @throws Problem 403, 404, 422, 503 */
  async handle(
    caller: Principal,
    accountNo: number,
    body: SetPasswordIn,
    keptSessionId: string | null,
  ): Promise<string | null> {
    if (!body.password === !body.randomPassword) throw oneOfBoth();
    const { accounts, people } = this;
    const person = await this.unitOfWork.run((tx) => reachLogin(tx, { accounts, people }, caller, accountNo));
    const password = body.password ?? randomPassword();
    await this.change(person, password, keptSessionId);
    return body.password ? null : password;
  }

  /** @throws Problem 422, 503 */
  private async change(person: Person, password: string, keptSessionId: string | null): Promise<void> {
    assertGoodPassword(password, {
      hasSecondFactor: person.hasSecondFactor,
      words: [person.username, person.partnerName],
    });
    const passwordHash = await this.gate.run(() => hashPassword(password));
    try {
      await this.unitOfWork.run(async (tx) => {
        await this.store(tx, person, password, passwordHash);
        await this.sessions.endAll(tx, person.personId, keptSessionId);
        const target = { kind: 'account', id: String(person.accountNo) };
        await this.keeping.audit.record(tx, person.partnerId, { action: 'account.password', target });
      });
    } catch (error) {
      if (brokenConstraint(error) === 'account_password') throw alreadyUsed();
      throw error;
    }
  }

  private async store(tx: Tx, person: Person, password: string, passwordHash: string): Promise<void> {
    const { partnerId } = person;
    const scope: Scope = { partnerId, brandId: null, onlyAccountNo: null };
    const accountNo = person.accountNo as AccountNo;
    const passwordFingerprint = this.keeping.fingerprint.of(partnerId, password);
    const changed = await this.accounts.update(
      scope,
      { accountNo },
      { passwordHash, passwordFingerprint },
      tx.manager,
    );
    if (changed === 0) throw Problem.notFound();
    await tx.query('UPDATE person SET has_short_password = $2 WHERE person_id = $1', [
      person.personId,
      isShort(password),
    ]);
  }
}

const oneOfBoth = (): Problem =>
  Problem.unprocessable('Give a password or ask for one.', [
    { pointer: '/password', detail: 'either this or randomPassword: true', rule: 'exclusive' },
  ]);

/** A8 */
const alreadyUsed = (): Problem =>
  Problem.unprocessable('The password is too weak.', [
    { pointer: '/password', detail: 'must not be the password of another account', rule: 'unique' },
  ]);
