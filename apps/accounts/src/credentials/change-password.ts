import type { AccountNo } from '@backhaul/domain';
import { Problem } from '@backhaul/http';
import { type AuditTrail, brokenConstraint, type Tx, type UnitOfWork } from '@backhaul/persistence';
import type { AccountRepository } from '../accounts/account.repository.js';
import { hashPassword, type PasswordFingerprint } from '../accounts/passwords.js';
import type { HashGate } from '../people/hash-gate.js';
import { assertGoodPassword, isShort } from '../people/password-rules.js';
import { type Person, subjectOf } from '../people/person.js';
import type { SessionRepository } from '../sessions/session.repository.js';

export interface PasswordChange {
  /** As the audit log names it. */
  action: string;
  /** The session that stays open. */
  keptSessionId: string | null;
  /** In the same transaction, before the change. */
  first?: (tx: Tx) => Promise<void>;
}

/** Gives a person a password, of an account or of an operator, and ends whatever the old one opened. */
export class ChangePassword {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly accounts: AccountRepository,
    private readonly sessions: SessionRepository,
    private readonly gate: HashGate,
    private readonly keeping: { fingerprint: PasswordFingerprint; audit: AuditTrail },
  ) {}

  /** @throws Problem 404, 422 with every broken rule, 503 */
  async change(
    person: Person,
    password: string,
    { action, keptSessionId, first }: PasswordChange,
  ): Promise<void> {
    assertGoodPassword(password, {
      hasSecondFactor: person.hasSecondFactor,
      words: [person.username, person.partnerName],
    });
    const passwordHash = await this.gate.run(() => hashPassword(password));
    try {
      await this.unitOfWork.run(async (tx) => {
        await first?.(tx);
        await this.store(tx, person, password, passwordHash);
        await this.sessions.endAll(tx, person.personId, keptSessionId);
        await tx.query('DELETE FROM password_reset WHERE person_id = $1', [person.personId]);
        const [kind = '', id = ''] = subjectOf(person).split(':');
        await this.keeping.audit.record(tx, person.partnerId, { action, target: { kind, id } });
      });
    } catch (error) {
      if (brokenConstraint(error) === 'account_password') throw alreadyUsed();
      throw error;
    }
  }

  private async store(tx: Tx, person: Person, password: string, passwordHash: string): Promise<void> {
    const isStored =
      person.accountNo === null
        ? await this.storeOperators(tx, person, passwordHash)
        : await this.storeAccounts(tx, person, person.accountNo, password, passwordHash);
    if (!isStored) throw Problem.notFound();
    await tx.query('UPDATE person SET has_short_password = $2 WHERE person_id = $1', [
      person.personId,
      isShort(password),
    ]);
  }

  private async storeAccounts(
    tx: Tx,
    { partnerId }: Person,
    accountNo: AccountNo,
    password: string,
    passwordHash: string,
  ): Promise<boolean> {
    const scope = { partnerId, brandId: null, onlyAccountNo: null };
    const passwordFingerprint = this.keeping.fingerprint.of(partnerId, password);
    const change = { passwordHash, passwordFingerprint };
    return (await this.accounts.update(scope, { accountNo }, change, tx.manager)) > 0;
  }

  private async storeOperators(tx: Tx, { operatorId }: Person, passwordHash: string): Promise<boolean> {
    const stored = await tx.query(
      'UPDATE operator SET password_hash = $2 WHERE operator_id = $1 RETURNING 1 AS stored',
      [operatorId, passwordHash],
    );
    return stored.length > 0;
  }
}

/** A8 */
const alreadyUsed = (): Problem =>
  Problem.unprocessable('The password is too weak.', [
    { pointer: '/password', detail: 'must not be the password of another account', rule: 'unique' },
  ]);
