import { createHash } from 'node:crypto';
import { type Clock } from '@backhaul/domain';
import { Problem, type ProvedIdentity } from '@backhaul/http';

/** What a request showed that only accounts can judge. */
export interface Shown {
  kind: 'session' | 'token' | 'basic';
  secret: string;
  username?: string;
  /** Asked by us and not by who is asked about: it is no use of the session. */
  isPassive?: boolean;
}

export interface AccountsAnswer {
  status: number;
  body: unknown;
  retryAfterS: number | null;
}

/** How long an answer is believed while accounts cannot be asked. A session ended meanwhile lives on for this long. */
export const BELIEVED_MS = 60_000;
const MOST = 10_000;

/** Asks accounts whose a credential is: for every request, so what is revoked is refused at once. */
export class AccountsAuthenticator {
  private readonly lastGood = new Map<string, { identity: ProvedIdentity; atMs: number }>();

  constructor(
    private readonly ask: (shown: Shown & { ip: string }) => Promise<AccountsAnswer>,
    private readonly clock: Clock,
  ) {}

  /** @throws Problem 401, 403, 429, 502, 503, 504 */
  async authenticate(shown: Shown, ip: string): Promise<ProvedIdentity> {
    const key = keyOf(shown);
    try {
      const answer = await this.ask({ ...shown, ip });
      if (answer.status === 200) return this.remember(key, answer.body as ProvedIdentity);
      throw problemOf(answer);
    } catch (error) {
      const isAway = error instanceof Problem && error.status >= 500 && !error.type.endsWith('too-busy');
      const known = this.lastGood.get(key);
      if (isAway && known && this.clock.monotonicMs() - known.atMs < BELIEVED_MS) return known.identity;
      this.lastGood.delete(key);
      throw error;
    }
  }

  /** It was, when it was last asked about. */
  wasGood(shown: Shown): boolean {
    return this.lastGood.has(keyOf(shown));
  }

  private remember(key: string, identity: ProvedIdentity): ProvedIdentity {
    if (this.lastGood.size >= MOST) this.lastGood.delete(String(this.lastGood.keys().next().value));
    this.lastGood.set(key, { identity, atMs: this.clock.monotonicMs() });
    return identity;
  }
}

const keyOf = ({ kind, secret, username }: Shown): string =>
  createHash('sha256')
    .update(JSON.stringify([kind, secret, username]))
    .digest('base64');

/** The answer of accounts as our own: its words are meant for the client. */
function problemOf({ status, body, retryAfterS }: AccountsAnswer): Problem {
  const { detail = 'A valid credential is needed.', type = '' } = (body ?? {}) as {
    detail?: string;
    type?: string;
  };
  if (status === 429) return Problem.tooMany(retryAfterS ?? 1, detail);
  if (status === 403 && type.endsWith('partner-suspended')) return Problem.partnerSuspended();
  if (status === 403) return Problem.forbidden(detail);
  if (status === 503 && type.endsWith('too-busy')) return Problem.tooBusy(retryAfterS ?? 3, detail);
  if (status >= 500) return Problem.unavailable(retryAfterS ?? 3, 'Logins cannot be checked right now.');
  return Problem.unauthorized(status === 401 ? detail : 'The credential is not valid.');
}
