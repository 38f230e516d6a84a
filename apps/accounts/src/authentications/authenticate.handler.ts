import type { Clock } from '@backhaul/domain';
import { type Identity, Problem, type ProvedIdentity } from '@backhaul/http';
import type { Tx } from '@backhaul/persistence';
import { mayImpersonate } from '../impersonation/may-impersonate.js';
import { factorOwed, factorOwedAs } from '../people/factor-owed.js';
import { assertNotSuspended, identityOf, type Person } from '../people/person.js';
import type { PersonRepository } from '../people/person.repository.js';
import type { Session, SessionRepository } from '../sessions/session.repository.js';
import type { AccessTokenRepository } from '../tokens/access-token.repository.js';
import type { CheckProgramHandler } from '../tokens/check-program.handler.js';

const MANAGERS = ['partner-senior-manager', 'partner-senior-it-manager', 'platform-operator'];
const MANAGERS_IDLE_MS = 30 * 60 * 1000;
/** Writing the last use down for each request would make every read a write. */
const SEEN_EVERY_MS = 60 * 1000;

/** Tells the gateway whose a session, a token or a Basic credential is in this moment. All throw Problem 401, and 403 while the partner is suspended. */
export class AuthenticateHandler {
  constructor(
    private readonly people: PersonRepository,
    private readonly sessions: SessionRepository,
    private readonly tokens: AccessTokenRepository,
    private readonly programs: CheckProgramHandler,
    private readonly clock: Clock,
  ) {}

  /** @param isPassive leaves the time of the last use as it is */
  async bySession(hash: string, isPassive = false): Promise<ProvedIdentity> {
    const { session, person } = await this.live(hash);
    const isStale = this.clock.now().getTime() - session.lastSeenAt.getTime() >= SEEN_EVERY_MS;
    if (isStale && !isPassive) await this.sessions.touch(session);
    const target = await this.impersonated(session, person);
    const owed = factorOwed(person, session);
    return {
      ...identityOf(target ?? person, session.steppedUpAt, target ? person : null),
      ...(owed && { factorOwed: owed }),
    };
  }

  /** The session and whose it really is. @throws Problem 401, 403 while the partner is suspended */
  async live(hash: string | null, tx?: Tx): Promise<{ session: Session; person: Person }> {
    const session = hash === null ? null : await this.sessions.find(hash, tx);
    const person = session && (await this.people.find(session.personId, tx));
    const idleMs = session ? this.clock.now().getTime() - session.lastSeenAt.getTime() : 0;
    const isIdle = person !== null && MANAGERS.includes(person.role) && idleMs > MANAGERS_IDLE_MS;
    if (!session || !person || isIdle) throw Problem.unauthorized('The session has ended; log in again.');
    assertNotSuspended(person);
    return { session, person };
  }

  /**
   * As `live`, with the person held until the transaction ends: changes of one person's factors come one after the other,
   * and each knows what the one before left, also that it ended this session. @throws Problem 401, 403
   */
  async held(hash: string | null, tx: Tx): Promise<{ session: Session; person: Person }> {
    const session = hash === null ? null : await this.sessions.find(hash, tx);
    if (session)
      await tx.query('SELECT 1 FROM person WHERE person_id = $1 FOR NO KEY UPDATE', [session.personId]);
    return this.live(hash, tx);
  }

  /**
   * Whom the session acts as; null once the time is over, or the roles or the partner no longer allow it, or the session
   * owes a factor that the brand of either demands: it is the own that counts.
   */
  async impersonated(session: Session, actor: Person): Promise<Person | null> {
    const { impersonatedId, impersonatedUntil } = session;
    if (!impersonatedId || !impersonatedUntil || impersonatedUntil <= this.clock.now()) return null;
    const target = await this.people.find(impersonatedId);
    if (!target?.allowsImpersonation || !mayImpersonate(actor.role, target.role)) return null;
    return factorOwedAs(target, actor, session) ? null : target;
  }

  /** @throws Problem 403 once the role is gone */
  async byToken(token: string): Promise<Identity> {
    const personId = await this.tokens.personOf(token);
    const person = personId && (await this.people.find(personId));
    if (!person) throw Problem.unauthorized('The token is not valid.', 'Bearer error="invalid_token"');
    return this.programs.identityOf(person);
  }

  /** @throws Problem 403 without the role, 429, 503 */
  byPassword(username: string, password: string, ip: string): Promise<Identity> {
    return this.programs.check({ username, password }, ip);
  }
}
