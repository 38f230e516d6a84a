import { type AccountNo, type CustomerId, systemClock } from '@backhaul/domain';
import { etagOf, Problem, requireIfMatch } from '@backhaul/http';
import { accountsAccounts } from '@backhaul/messaging';
import { type Scope, sqlStateOf, type UnitOfWork } from '@backhaul/persistence';
import { announce } from '../announce.js';
import type { CustomerRepository } from '../customers/customer.repository.js';
import { type AccountEntity, accountPayload } from './account.entity.js';
import type { AccountRepository } from './account.repository.js';
import type { ChangeAccountIn, CreateAccountIn } from './accounts.types.js';
import { hashPassword, randomPassword, SHORTEST_PASSWORD } from './passwords.js';

const UNIQUE = '23505';
const FOREIGN_KEY = '23503';

/** Creates, changes and removes accounts, and tells the other services. All throw Problem. */
export class ChangeAccountsHandler {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly accounts: AccountRepository,
    private readonly customers: CustomerRepository,
  ) {}

  /** `password` is answered once, when it was made here. @throws Problem 404, 409, 422 */
  async create(
    scope: Scope,
    body: CreateAccountIn,
  ): Promise<{ account: AccountEntity; password: string | null }> {
    const customer = await this.customers.get(scope, body.custId);
    await this.assertParent(scope, body);
    const password = passwordOf(body);
    const passwordHash = password.value === null ? null : await hashPassword(password.value);
    try {
      const account = await this.unitOfWork.run(async (tx) => {
        const row: AccountEntity = {
          partnerId: scope.partnerId,
          accountNo: await this.accounts.nextNo(tx),
          custId: customer.custId,
          username: body.username,
          hostName: body.hostName ?? null,
          parentAccountNo: (body.parentAccountNo as AccountNo | null | undefined) ?? null,
          role: body.role ?? 'power-user',
          contact: body.contact ?? null,
          passwordHash,
          version: 1,
          createdAt: systemClock.now(),
        };
        await this.accounts.insert(scope, row, tx.manager);
        await announce(tx, scope.partnerId, accountsAccounts, accountPayload(row, customer.brandId));
        return row;
      });
      return { account, password: password.isNew ? password.value : null };
    } catch (error) {
      if (sqlStateOf(error) === UNIQUE)
        throw Problem.conflict('An account with this username exists already.');
      throw error;
    }
  }

  /** @throws Problem 404, 412, 428 */
  async change(
    scope: Scope,
    accountNo: number,
    ifMatch: string | undefined,
    body: ChangeAccountIn,
  ): Promise<AccountEntity> {
    const account = await this.accounts.get(scope, accountNo);
    requireIfMatch(ifMatch, etagOf(account.version));
    const customer = await this.customers.get(scope, account.custId);
    const change = {
      hostName: body.hostName === undefined ? account.hostName : body.hostName,
      contact: body.contact === undefined ? account.contact : body.contact,
      version: account.version + 1,
    };
    const changed = { ...account, ...change };
    await this.unitOfWork.run(async (tx) => {
      const where = { accountNo: account.accountNo, version: account.version };
      if ((await this.accounts.update(scope, where, change, tx.manager)) === 0)
        throw Problem.preconditionFailed();
      await announce(tx, scope.partnerId, accountsAccounts, accountPayload(changed, customer.brandId));
    });
    return changed;
  }

  /** @throws Problem 404, 409 while it has sub-accounts, 412, 428 */
  async remove(scope: Scope, accountNo: number, ifMatch: string | undefined): Promise<void> {
    const account = await this.accounts.get(scope, accountNo);
    requireIfMatch(ifMatch, etagOf(account.version));
    try {
      await this.unitOfWork.run(async (tx) => {
        const where = { accountNo: account.accountNo, version: account.version };
        if ((await this.accounts.remove(scope, where, tx.manager)) === 0) throw Problem.preconditionFailed();
        await announce(tx, scope.partnerId, accountsAccounts, null, String(account.accountNo));
      });
    } catch (error) {
      if (sqlStateOf(error) === FOREIGN_KEY)
        throw Problem.conflict('The account has sub-accounts; remove these first.');
      throw error;
    }
  }

  /** The parent belongs to the same customer (A5). */
  private async assertParent(scope: Scope, { custId, parentAccountNo }: CreateAccountIn): Promise<void> {
    if (!parentAccountNo) return;
    const parent = await this.accounts.get(scope, parentAccountNo);
    if (parent.custId === (custId as CustomerId)) return;
    const detail = 'must be an account of the same customer';
    throw Problem.unprocessable('The parent account belongs to another customer.', [
      { pointer: '/parentAccountNo', detail, rule: 'sameCustomer' },
    ]);
  }
}

/** @throws Problem 422 */
function passwordOf({ password, randomPassword: isRandom }: CreateAccountIn): {
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
  if (password && password.length < SHORTEST_PASSWORD) {
    const detail = `must have at least ${SHORTEST_PASSWORD} characters`;
    throw Problem.unprocessable('The password is too weak.', [
      { pointer: '/password', detail, rule: 'minLength' },
    ]);
  }
  return { value: password ?? null, isNew: false };
}
