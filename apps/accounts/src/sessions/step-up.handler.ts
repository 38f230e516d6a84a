import { Problem } from '@backhaul/http';
import type { UnitOfWork } from '@backhaul/persistence';
import type { AuthenticateHandler } from '../authentications/authenticate.handler.js';
import type { Client } from '../authentications/client.js';
import type { CheckCredentialsHandler } from '../people/check-credentials.handler.js';
import type { HashGate } from '../people/hash-gate.js';
import type { LoginThrottle } from '../people/login-throttle.js';
import type { Person } from '../people/person.js';
import type { SecondFactors } from '../second-factors/second-factors.js';
import type { ProvePasskeyHandler } from '../passkeys/prove-passkey.handler.js';
import type { Session, SessionRepository } from './session.repository.js';
import type { StepUpIn } from './sessions.types.js';

interface Proofs {
  credentials: CheckCredentialsHandler;
  factors: SecondFactors;
  passkeys: ProvePasskeyHandler;
}

/** A person proves once more to be there, by password, code or passkey; the session goes on under a new secret. */
export class StepUpHandler {
  constructor(
    private readonly gate: HashGate,
    private readonly proof: Proofs,
    private readonly throttle: LoginThrottle,
    private readonly authenticate: AuthenticateHandler,
    private readonly sessions: SessionRepository,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Answers what the cookie will hold. @throws Problem 401, 403, 422, 429, 503 */
  async handle(body: StepUpIn, client: Client): Promise<string> {
    const { session, person } = await this.authenticate.live(client.sessionHash);
    if ([body.password, body.code, body.passkey].filter(Boolean).length !== 1)
      throw Problem.unprocessable('Send either the password, a code or a passkey.');
    await this.gate.run(async () => {
      // Not the counter of the login: who steals a session must not be able to lock its owner out.
      const attempt = await this.throttle.begin(`step-up:${session.sessionId}`, client.ip);
      if (!(await this.isProved(person, session, body)))
        throw Problem.forbidden('That is not right.', 'step-up-failed');
      await attempt.succeeded();
    });
    return this.unitOfWork.run((tx) => this.sessions.stepUp(tx, session.sessionId, !body.password));
  }

  private async isProved(
    person: Person,
    { sessionId }: Session,
    { password, code, passkey }: StepUpIn,
  ): Promise<boolean> {
    if (passkey) {
      const proved = await this.proof.passkeys.personOf(passkey, { purpose: 'step-up', sessionId });
      return proved?.personId === person.personId;
    }
    if (password) return (await this.proof.credentials.whoseIs(password, [person])) !== null;
    return (await this.proof.factors.check(person, code)) === 'right';
  }
}
