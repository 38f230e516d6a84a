import { type Principal, Problem } from '@backhaul/http';
import type { Tx, UnitOfWork } from '@backhaul/persistence';
import type { AccountRepository } from '../accounts/account.repository.js';
import { randomPassword } from '../accounts/passwords.js';
import type { Person } from '../people/person.js';
import type { PersonRepository } from '../people/person.repository.js';
import type { ChangePassword } from './change-password.js';
import type { SetPasswordIn } from './credentials.types.js';
import { assertMayTouchLogin } from './may-touch-login.js';

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
    const person = await this.unitOfWork.run((tx) => this.personOf(tx, caller, accountNo));
    assertMayTouchLogin(caller, person);
    const password = body.password ?? randomPassword();
    await this.changePassword.change(person, password, { action: 'account.password', keptSessionId });
    return body.password ? null : password;
  }

  private async personOf(tx: Tx, caller: Principal, accountNo: number): Promise<Person> {
    const account = await this.accounts.getLogin(caller, accountNo, tx);
    const person = await this.people.ofAccount(account.accountNo, tx);
    if (!person) throw Problem.notFound();
    return person;
  }
}

const oneOfBoth = (): Problem =>
  Problem.unprocessable('Give a password or ask for one.', [
    { pointer: '/password', detail: 'either this or randomPassword: true', rule: 'exclusive' },
  ]);
