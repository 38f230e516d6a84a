import { type AccountNo, type CustomerId, systemClock, wholePartner } from '@backhaul/domain';
import {
  assertNotImpersonating,
  assertSteppedUp,
  etagOf,
  type Principal,
  Problem,
  requireIfMatch,
  type Role,
} from '@backhaul/http';
import { accountsAccounts } from '@backhaul/messaging';
import {
  type AuditTrail,
  brokenConstraint,
  type Scope,
  type Tx,
  type UnitOfWork,
} from '@backhaul/persistence';
import { announce } from '../announce.js';
import type { CustomerRepository } from '../customers/customer.repository.js';
import { isAbove } from '../impersonation/may-impersonate.js';
import { assertGoodPassword } from '../people/password-rules.js';
import { mayGive } from '../rights.js';
import { type AccountEntity, accountPayload } from './account.entity.js';
import type { AccountRepository } from './account.repository.js';
import type { ChangeAccountIn, CreateAccountIn } from './accounts.types.js';
import { hashPassword, type PasswordFingerprint, randomPassword } from './passwords.js';

const DEFAULT_ROLE: Role = 'power-user';

/** Creates, changes and removes accounts, and tells the other services. All throw Problem. */
export class ChangeAccountsHandler {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly accounts: AccountRepository,
    private readonly customers: CustomerRepository,
    private readonly fingerprint: PasswordFingerprint,
    private readonly audit: AuditTrail,
  ) {}

  /** `password` is answered once, when it was made here. @throws Problem 403, 404, 409, 422 */
  async create(
    caller: Principal,
    body: CreateAccountIn,
  ): Promise<{ account: AccountEntity; password: string | null }> {
    const role = body.role ?? DEFAULT_ROLE;
    if (role !== DEFAULT_ROLE) assertMayGive(caller, role);
    const password = passwordOf(body);
    const secret = await this.hashed(caller, password.value);
    try {
      const account = await this.unitOfWork.run((tx) => this.insert(tx, caller, body, { role, ...secret }));
      return { account, password: password.isNew ? password.value : null };
    } catch (error) {
      throw refusalOf(error);
    }
  }

  /** @throws Problem 403 for a contact that is not the caller's to change, 404, 412, 428 */
  async change(
    caller: Principal,
    accountNo: number,
    ifMatch: string | undefined,
    body: ChangeAccountIn,
  ): Promise<AccountEntity> {
    return this.unitOfWork.run(async (tx) => {
      const account = await this.accounts.get(caller, accountNo, tx);
      if (body.contact !== undefined && body.contact !== account.contact)
        await this.assertMayChangeContact(tx, caller, accountNo);
      requireIfMatch(ifMatch, etagOf(account.version));
      const change = {
        hostName: body.hostName === undefined ? account.hostName : body.hostName,
        contact: body.contact === undefined ? account.contact : body.contact,
        version: account.version + 1,
      };
      const where = { accountNo: account.accountNo, version: account.version };
      if ((await this.accounts.update(caller, where, change, tx.manager)) === 0)
        throw Problem.preconditionFailed();
      const { brandId } = await this.customers.get(wholePartner(caller.partnerId), account.custId, tx);
      const changed = { ...account, ...change };
      await announce(tx, caller.partnerId, accountsAccounts, accountPayload(changed, brandId));
      await this.record(tx, 'account.change', changed);
      return changed;
    });
  }

  /** @throws Problem 403 for somebody with more power, 404, 409 while it has sub-accounts, 412, 428 */
  async remove(caller: Principal, accountNo: number, ifMatch: string | undefined): Promise<void> {
    try {
      await this.unitOfWork.run(async (tx) => {
        const account = await this.accounts.getLogin(caller, accountNo, tx);
        if (isAbove(account.role, caller.role))
          throw Problem.forbidden('Your role may not remove this account.');
        requireIfMatch(ifMatch, etagOf(account.version));
        const where = { accountNo: account.accountNo, version: account.version };
        if ((await this.accounts.remove(caller, where, tx.manager)) === 0) throw Problem.preconditionFailed();
        await announce(tx, caller.partnerId, accountsAccounts, null, String(account.accountNo));
        await this.record(tx, 'account.remove', account);
      });
    } catch (error) {
      if (brokenConstraint(error) === 'account_partner_id_cust_id_parent_account_no_fkey')
        throw Problem.conflict('The account has sub-accounts; remove these first.');
      throw error;
    }
  }

  /** Where an account's mail goes, its password resets too: who changes that can take the login over. */
  private async assertMayChangeContact(tx: Tx, caller: Principal, accountNo: number): Promise<void> {
    const { role } = await this.accounts.getLogin(caller, accountNo, tx);
    if (isAbove(role, caller.role))
      throw Problem.forbidden('Your role may not change the contact of this account.');
    assertNotImpersonating(caller);
    assertSteppedUp(caller);
  }

  private record(tx: Tx, action: string, account: AccountEntity): Promise<void> {
    const { partnerId, accountNo, custId, username, role } = account;
    const target = { kind: 'account', id: accountNo };
    return this.audit.record(tx, partnerId, { action, target, detail: { custId, username, role } });
  }

  private async insert(
    tx: Tx,
    scope: Scope,
    body: CreateAccountIn,
    secret: Pick<AccountEntity, 'role' | 'passwordHash' | 'passwordFingerprint'>,
  ): Promise<AccountEntity> {
    const customer = await this.customers.get(scope, body.custId, tx);
    await this.assertParent(tx, scope, body);
    const row: AccountEntity = {
      partnerId: scope.partnerId,
      accountNo: await this.accounts.nextNo(tx),
      custId: customer.custId,
      username: body.username,
      hostName: body.hostName ?? null,
      parentAccountNo: (body.parentAccountNo as AccountNo | null | undefined) ?? null,
      contact: body.contact ?? null,
      scopeBrandId: customer.brandId,
      ...secret,
      version: 1,
      createdAt: systemClock.now(),
    };
    await this.accounts.insert(scope, row, tx.manager);
    await announce(tx, scope.partnerId, accountsAccounts, accountPayload(row, customer.brandId));
    await this.record(tx, 'account.create', row);
    return row;
  }

  private async hashed(
    { partnerId }: Scope,
    password: string | null,
  ): Promise<Pick<AccountEntity, 'passwordHash' | 'passwordFingerprint'>> {
    if (password === null) return { passwordHash: null, passwordFingerprint: null };
    const passwordHash = await hashPassword(password);
    return { passwordHash, passwordFingerprint: this.fingerprint.of(partnerId, password) };
  }

  /** The parent belongs to the same customer (A5). */
  private async assertParent(
    tx: Tx,
    scope: Scope,
    { custId, parentAccountNo }: CreateAccountIn,
  ): Promise<void> {
    if (!parentAccountNo) return;
    const parent = await this.accounts.get(scope, parentAccountNo, tx);
    if (parent.custId === (custId as CustomerId)) return;
    const detail = 'must be an account of the same customer';
    throw Problem.unprocessable('The parent account belongs to another customer.', [
      { pointer: '/parentAccountNo', detail, rule: 'sameCustomer' },
    ]);
  }
}

/** @throws Problem 403 */
function assertMayGive(caller: Principal, role: Role): void {
  if (!mayGive(caller.role, role)) throw Problem.forbidden('Your role may not give this role.');
  assertNotImpersonating(caller);
  assertSteppedUp(caller);
}

/** What a broken constraint means to the caller; any other error as it is. */
function refusalOf(error: unknown): unknown {
  switch (brokenConstraint(error)) {
    case 'account_username':
      return Problem.conflict('An account with this username exists already.');
    case 'account_password':
      return weakPassword('must not be the password of another account', 'unique');
    case 'account_partner_id_cust_id_fkey':
    case 'account_partner_id_cust_id_parent_account_no_fkey':
      // Removed between the look and the insert.
      return Problem.notFound();
    default:
      return error;
  }
}

const weakPassword = (detail: string, rule: string): Problem =>
  Problem.unprocessable('The password is too weak.', [{ pointer: '/password', detail, rule }]);

/** @throws Problem 422 */
function passwordOf({ username, password, randomPassword: isRandom }: CreateAccountIn): {
  value: string | null;
  isNew: boolean;
} {
  if (password && isRandom) {
    const detail = 'must be absent when randomPassword is true';
    throw Problem.unprocessable('Give a password or ask for one.', [
      { pointer: '/password', detail, rule: 'exclusive' },
    ]);
  }
  if (isRandom) return { value: randomPassword(), isNew: true };
  if (password) assertGoodPassword(password, { hasSecondFactor: false, words: [username] });
  return { value: password ?? null, isNew: false };
}
