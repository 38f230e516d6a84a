import { type Principal, Problem } from '@backhaul/http';
import type { UnitOfWork } from '@backhaul/persistence';
import type { AccountRepository } from '../accounts/account.repository.js';
import { randomPassword } from '../accounts/passwords.js';
import type { PersonRepository } from '../people/person.repository.js';
import type { ChangePassword } from './change-password.js';
import type { SetPasswordIn } from './credentials.types.js';
import { reachLogin } from './reach-login.js';

/** A new password of an account (A7), typed or made here. It ends whatever the old one opened. */
export class SetPasswordHandler {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly accounts: AccountRepository,
    private readonly people: PersonRepository,
    private readonly changePassword: ChangePassword,
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
    await this.changePassword.change(person, password, { action: 'account.password', keptSessionId });
    return body.password ? null : password;
  }
}

const oneOfBoth = (): Problem =>
  Problem.unprocessable('Give a password or ask for one.', [
    { pointer: '/password', detail: 'either this or randomPassword: true', rule: 'exclusive' },
  ]);
