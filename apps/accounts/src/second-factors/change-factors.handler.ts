import { Problem } from '@backhaul/http';
import type { AuditTrail, Tx, UnitOfWork } from '@backhaul/persistence';
import type { AuthenticateHandler } from '../authentications/authenticate.handler.js';
import type { Client } from '../authentications/client.js';
import { assertFactorLeft } from '../people/factor-owed.js';
import { type Person, subjectOf } from '../people/person.js';
import type { SessionRepository } from '../sessions/session.repository.js';
import type { EnrolmentOut, MfaOut } from './mfa.types.js';
import type { RecoveryCodes } from './recovery-codes.js';
import type { SecondFactors } from './second-factors.js';
import { totpUri } from './totp.js';

export interface Confirmed {
  recoveryCodes: string[];
  /** The session's new secret; null where it goes on as it was. */
  secret: string | null;
}

/** A person sets up an authenticator, or takes it away; both end the other sessions. */
export class ChangeFactorsHandler {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly authenticate: AuthenticateHandler,
    private readonly factors: SecondFactors,
    private readonly codes: RecoveryCodes,
    private readonly sessions: SessionRepository,
    private readonly audit: AuditTrail,
  ) {}

  async read(client: Client): Promise<MfaOut> {
    const { person } = await this.authenticate.live(client.sessionHash);
    const recoveryCodesLeft = await this.codes.left(this.unitOfWork, person.personId);
    return { totp: person.hasSecondFactor, recoveryCodesLeft };
  }

  /** @throws Problem 409 when one is set up already */
  async enrol(client: Client): Promise<EnrolmentOut> {
    const { secret, person } = await this.unitOfWork.run(async (tx) => {
      const { person } = await this.authenticate.held(client.sessionHash, tx);
      return { person, secret: await this.factors.enrol(tx, person) };
    });
    if (secret === null) throw Problem.conflict('An authenticator is set up already; remove it first.');
    return { secret, otpauthUrl: totpUri(secret, person.username) };
  }

  /** @throws Problem 409 without an enrolment, 422 for a wrong code */
  confirm(client: Client, code: string): Promise<Confirmed> {
    return this.unitOfWork.run(async (tx) => {
      const { session, person } = await this.authenticate.held(client.sessionHash, tx);
      const outcome = await this.factors.confirm(tx, person, code);
      if (outcome === 'none') throw Problem.conflict('There is nothing to confirm.');
      if (outcome === 'wrong') throw wrongCode();
      await this.sessions.endAll(tx, person.personId, session.sessionId);
      await this.record(tx, 'second-factor.add', person);
      const recoveryCodes = await this.codes.renew(tx, person.personId);
      return { recoveryCodes, secret: await this.sessions.showFactor(tx, session) };
    });
  }

  /** @throws Problem 404 without one, 409 while the password is too short to stand alone, or as the last that the brand demands */
  async remove(client: Client): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      const { session, person } = await this.authenticate.held(client.sessionHash, tx);
      if (!person.hasSecondFactor) throw Problem.notFound();
      if (person.hasShortPassword)
        throw Problem.conflict('The password is too short to stand alone; set a longer one first.');
      assertFactorLeft({ ...person, hasSecondFactor: false });
      await this.factors.remove(tx, person);
      await this.sessions.endAll(tx, person.personId, session.sessionId);
      await this.record(tx, 'second-factor.remove', person);
    });
  }

  private record(tx: Tx, action: string, person: Person): Promise<void> {
    const [kind = '', id = ''] = subjectOf(person).split(':');
    return this.audit.record(tx, person.partnerId, { action, target: { kind, id } });
  }
}

const wrongCode = (): Problem =>
  Problem.unprocessable('That is not the code of now.', [
    { pointer: '/code', detail: 'must be what the authenticator shows now', rule: 'totp' },
  ]);
