import { Problem } from '@backhaul/http';
import type { UnitOfWork } from '@backhaul/persistence';
import type { AuthenticateHandler } from '../authentications/authenticate.handler.js';
import type { Client } from '../authentications/client.js';
import type { CheckCredentialsHandler } from '../people/check-credentials.handler.js';
import type { HashGate } from '../people/hash-gate.js';
import type { LoginThrottle } from '../people/login-throttle.js';
import type { Person } from '../people/person.js';
import type { SecondFactors } from '../second-factors/second-factors.js';
import type { SessionRepository } from './session.repository.js';
import type { StepUpIn } from './sessions.types.js';

/** A person proves once more to be there, by password or by code; the session goes on under a new secret. */
export class StepUpHandler {
  constructor(
    private readonly gate: HashGate,
    private readonly proof: { credentials: CheckCredentialsHandler; factors: SecondFactors },
    private readonly throttle: LoginThrottle,
    private readonly authenticate: AuthenticateHandler,
    private readonly sessions: SessionRepository,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Answers what the cookie will hold. @throws Problem 401, 403, 422, 429, 503 */
  async handle(body: StepUpIn, client: Client): Promise<string> {
    const { session, person } = await this.authenticate.live(client.sessionHash);
    if (!body.password === !body.code) throw Problem.unprocessable('Send either the password or a code.');
    await this.gate.run(async () => {
      // Not the counter of the login: who steals a session must not be able to lock its owner out.
      const attempt = await this.throttle.begin(`step-up:${session.sessionId}`, client.ip);
      if (!(await this.isProved(person, body)))
        throw Problem.forbidden('That is not right.', 'step-up-failed');
      await attempt.succeeded();
    });
    return this.unitOfWork.run((tx) => this.sessions.stepUp(tx, session.sessionId));
  }

  private async isProved(person: Person, { password, code }: StepUpIn): Promise<boolean> {
    if (password) return (await this.proof.credentials.whoseIs(password, [person])) !== null;
    return (await this.proof.factors.check(person, code)) === 'right';
  }
}
