import type { AccountNo, Clock } from '@backhaul/domain';
import { type Principal, Problem } from '@backhaul/http';
import type { AuditTrail, Tx, UnitOfWork } from '@backhaul/persistence';
import type { AccountRepository } from '../accounts/account.repository.js';
import type { AuthenticateHandler } from '../authentications/authenticate.handler.js';
import type { Client } from '../authentications/client.js';
import { factorOwedAs } from '../people/factor-owed.js';
import type { Person } from '../people/person.js';
import type { PersonRepository } from '../people/person.repository.js';
import type { SessionRepository } from '../sessions/session.repository.js';
import { mayImpersonate } from './may-impersonate.js';

const LONGEST_MS = 60 * 60 * 1000;

/** Lets a session see the portal as another account does (A9), for an hour at most, and brings it back (A10). */
export class ImpersonateHandler {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly accounts: AccountRepository,
    private readonly people: PersonRepository,
    private readonly sessions: SessionRepository,
    private readonly authenticate: AuthenticateHandler,
    private readonly around: { clock: Clock; audit: AuditTrail },
  ) {}

  /** @throws Problem 401, 403 also while a second factor is owed, 404 out of scope, 409, 422 */
  async start(
    caller: Principal,
    client: Client,
    { accountNo, reason }: { accountNo: number; reason: string },
  ): Promise<{ person: Person; until: Date }> {
    const { session, person: actor } = await this.authenticate.live(client.sessionHash);
    const until = new Date(this.around.clock.now().getTime() + LONGEST_MS);
    return this.unitOfWork.run(async (tx) => {
      const account = await this.accounts.getLogin(caller, accountNo, tx);
      const person = await this.people.ofAccount(accountNo as AccountNo, tx);
      if (!person) throw Problem.notFound();
      if (!person.allowsImpersonation)
        throw Problem.forbidden('Your partnership does without impersonation.');
      if (!mayImpersonate(caller.role, account.role))
        throw Problem.forbidden('Your role may not impersonate this account.');
      if (caller.accountNo === account.accountNo)
        throw Problem.unprocessable('This is your own account.', [
          { pointer: '/accountNo', detail: 'must be another account', rule: 'notOneself' },
        ]);
      const owed = factorOwedAs(person, actor, session);
      if (owed) throw Problem.factorMissing(owed);
      const { personId } = person;
      if (!(await this.sessions.impersonate(tx, session.sessionId, { personId, until, reason })))
        throw alreadyImpersonating();
      await this.record(tx, 'impersonation.start', person, { reason });
      return { person, until };
    });
  }

  /** @throws Problem 401, 409 when nobody is impersonated */
  async stop(client: Client): Promise<void> {
    const { session, person } = await this.authenticate.live(client.sessionHash);
    const target = await this.authenticate.impersonated(session, person);
    if (!target) throw Problem.conflict('Nobody is impersonated in this session.');
    await this.unitOfWork.run(async (tx) => {
      await this.sessions.stopImpersonating(tx, session.sessionId);
      await this.record(tx, 'impersonation.stop', target);
    });
  }

  /** A11 */
  private record(tx: Tx, action: string, { partnerId, accountNo }: Person, detail?: object): Promise<void> {
    const target = { kind: 'account', id: String(accountNo) };
    return this.around.audit.record(tx, partnerId, {
      action,
      target,
      ...(detail && { detail: { ...detail } }),
    });
  }
}

export const alreadyImpersonating = (): Problem =>
  Problem.conflict('This session impersonates an account already; stop that first.');
