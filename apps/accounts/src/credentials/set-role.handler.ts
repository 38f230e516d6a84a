import { type AccountNo, wholePartner } from '@backhaul/domain';
import { etagOf, type Principal, Problem, requireIfMatch, type Role } from '@backhaul/http';
import { accountsAccounts } from '@backhaul/messaging';
import type { AuditTrail, UnitOfWork } from '@backhaul/persistence';
import { type AccountEntity, accountPayload } from '../accounts/account.entity.js';
import type { AccountRepository } from '../accounts/account.repository.js';
import { announce } from '../announce.js';
import type { CustomerRepository } from '../customers/customer.repository.js';
import type { PersonRepository } from '../people/person.repository.js';
import { mayGive } from '../rights.js';
import type { SessionRepository } from '../sessions/session.repository.js';

/** Gives an account a role (A15). What it had open under the old one ends: the next call has the new rights (A16). */
export class SetRoleHandler {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly accounts: AccountRepository,
    private readonly people: PersonRepository,
    private readonly sessions: SessionRepository,
    private readonly customers: CustomerRepository,
    private readonly audit: AuditTrail,
  ) {}

  /** @throws Problem 403, 404, 412, 422 for one's own, 428 */
  async handle(
    caller: Principal,
    accountNo: number,
    ifMatch: string | undefined,
    role: Role,
  ): Promise<AccountEntity> {
    return this.unitOfWork.run(async (tx) => {
      const account = await this.accounts.getLogin(caller, accountNo, tx, role);
      assertMayChange(caller, account, role);
      requireIfMatch(ifMatch, etagOf(account.version));
      const change = { role, version: account.version + 1 };
      const where = { accountNo: accountNo as AccountNo, version: account.version };
      if ((await this.accounts.update(caller, where, change, tx.manager)) === 0)
        throw Problem.preconditionFailed();
      const person = await this.people.ofAccount(account.accountNo, tx);
      if (person) await this.sessions.endAll(tx, person.personId);
      const target = { kind: 'account', id: accountNo };
      const detail = { from: account.role, to: role };
      await this.audit.record(tx, caller.partnerId, { action: 'account.role', target, detail });
      const changed = { ...account, ...change };
      const { brandId } = await this.customers.get(wholePartner(account.partnerId), account.custId, tx);
      await announce(tx, account.partnerId, accountsAccounts, accountPayload(changed, brandId));
      return changed;
    });
  }
}

/** To take a role away is to give another: both must be ours to give. */
function assertMayChange(caller: Principal, account: AccountEntity, role: Role): void {
  if (!mayGive(caller.role, role) || !mayGive(caller.role, account.role))
    throw Problem.forbidden('Your role may not give or take this role.');
  if (caller.accountNo !== account.accountNo) return;
  // Or a partner's last senior manager could lock the partner out.
  throw Problem.unprocessable('Nobody changes the own role; ask another manager.', [
    { pointer: '/role', detail: 'must not be given to oneself', rule: 'notOneself' },
  ]);
}
