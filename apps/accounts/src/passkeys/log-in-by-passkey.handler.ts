import { Problem } from '@backhaul/http';
import type { AuthenticateHandler } from '../authentications/authenticate.handler.js';
import type { Client } from '../authentications/client.js';
import type { LoginRecord } from '../people/login-record.js';
import type { LoginThrottle } from '../people/login-throttle.js';
import type { LoggedIn, LogInHandler } from '../sessions/log-in.handler.js';
import type { PasskeyOptionsIn, PasskeyProofIn } from './passkeys.types.js';
import type { ProofPlace, ProvePasskeyHandler } from './prove-passkey.handler.js';

/** A person logs in by passkey, without a name or a password. */
export class LogInByPasskeyHandler {
  constructor(
    private readonly prove: ProvePasskeyHandler,
    private readonly throttle: LoginThrottle,
    private readonly record: LoginRecord,
    private readonly logIn: LogInHandler,
    private readonly authenticate: AuthenticateHandler,
  ) {}

  /** @throws Problem 401 for a step-up without a session, 409 without a name of the portal */
  async options({ purpose }: PasskeyOptionsIn, client: Client): Promise<Record<string, unknown>> {
    return this.prove.options(
      purpose === 'step-up' ? await this.ofSession(client) : { purpose: 'log-in', sessionId: null },
    );
  }

  /** @throws Problem 401 in one word for every reason, 403 while the partner is suspended, 429 */
  async handle(proof: PasskeyProofIn, client: Client): Promise<LoggedIn> {
    const attempt = await this.throttle.begin(`passkey:${proof.id}`, client.ip);
    const person = await this.prove.personOf(proof, { purpose: 'log-in', sessionId: null });
    if (!person) {
      await this.record.note('wrong-passkey', { username: '', ip: client.ip, person: null });
      throw Problem.unauthorized('The passkey is not right.');
    }
    await attempt.succeeded();
    return this.logIn.begin(person, client, true);
  }

  private async ofSession(client: Client): Promise<ProofPlace> {
    const { session } = await this.authenticate.live(client.sessionHash);
    return { purpose: 'step-up', sessionId: session.sessionId };
  }
}
