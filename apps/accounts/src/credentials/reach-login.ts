import { type Principal, Problem } from '@backhaul/http';
import type { Tx } from '@backhaul/persistence';
import type { AccountRepository } from '../accounts/account.repository.js';
import type { Person } from '../people/person.js';
import type { PersonRepository } from '../people/person.repository.js';
import { assertMayTouchLogin } from './may-touch-login.js';

/** The login of an account that the caller may touch. @throws Problem 403 for one with more power, 404 */
export async function reachLogin(
  tx: Tx,
  { accounts, people }: { accounts: AccountRepository; people: PersonRepository },
  caller: Principal,
  accountNo: number,
): Promise<Person> {
  const account = await accounts.getLogin(caller, accountNo, tx);
  const person = await people.ofAccount(account.accountNo, tx);
  if (!person) throw Problem.notFound();
  assertMayTouchLogin(caller, person);
  return person;
}
