import { type Clock, uuidv7 } from '@backhaul/domain';
import type { Tx, UnitOfWork } from '@backhaul/persistence';
import type { Client } from '../authentications/client.js';
import { newSecretToken } from '../people/secret-token.js';

export const SESSION_S = 8 * 60 * 60;

export interface Session {
  sessionId: string;
  personId: string;
  ip: string;
  userAgent: string;
  createdAt: Date;
  lastSeenAt: Date;
  steppedUpAt: Date;
  /** An authenticator's code, a recovery code or a passkey, at the login or since. */
  hasShownFactor: boolean;
  impersonatedId: string | null;
  impersonatedUntil: Date | null;
}

const COLUMNS = `session_id AS "sessionId", person_id AS "personId", ip, user_agent AS "userAgent", created_at AS "createdAt",
  last_seen_at AS "lastSeenAt", stepped_up_at AS "steppedUpAt",
  has_shown_factor AS "hasShownFactor", impersonated_id AS "impersonatedId",
  impersonated_until AS "impersonatedUntil"`;

/** Sessions of people; found by the hash of what the cookie holds, so a copy of the table opens nothing. */
export class SessionRepository {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  /** Answers what the cookie will hold. */
  async start(tx: Tx, personId: string, { ip, userAgent }: Client, hasShownFactor: boolean): Promise<string> {
    const now = this.clock.now();
    const { text, hash } = newSecretToken();
    await tx.query(
      `INSERT INTO login_session (session_id, person_id, token_hash, ip, user_agent, created_at, last_seen_at, stepped_up_at, has_shown_factor)
       VALUES ($1, $2, $3, $4, $5, $6, $6, $6, $7)`,
      [uuidv7(now.getTime()), personId, hash, ip, userAgent, now, hasShownFactor],
    );
    return text;
  }

  async find(hash: string, tx: Pick<Tx, 'query'> = this.unitOfWork): Promise<Session | null> {
    const [session] = await tx.query<Session>(
      `SELECT ${COLUMNS} FROM login_session WHERE token_hash = $1 AND created_at > $2`,
      [hash, this.oldest()],
    );
    return session ?? null;
  }

  /** The same session under a new secret, its person proved just now, by a second factor or without. */
  async stepUp(tx: Tx, sessionId: string, isByFactor: boolean): Promise<string> {
    const { text, hash } = newSecretToken();
    await tx.query(
      `UPDATE login_session SET token_hash = $2, stepped_up_at = $3, has_shown_factor = has_shown_factor OR $4
       WHERE session_id = $1`,
      [sessionId, hash, this.clock.now(), isByFactor],
    );
    return text;
  }

  /** A factor that was set up in a session was shown in it. Answers the new secret; null where one was shown before. */
  async showFactor(tx: Tx, { sessionId, hasShownFactor }: Session): Promise<string | null> {
    return hasShownFactor ? null : this.stepUp(tx, sessionId, true);
  }

  async touch({ sessionId }: Session): Promise<void> {
    await this.unitOfWork.query('UPDATE login_session SET last_seen_at = $2 WHERE session_id = $1', [
      sessionId,
      this.clock.now(),
    ]);
  }

  ofPerson(personId: string): Promise<Session[]> {
    return this.unitOfWork.query<Session>(
      `SELECT ${COLUMNS} FROM login_session WHERE person_id = $1 AND created_at > $2 ORDER BY session_id DESC`,
      [personId, this.oldest()],
    );
  }

  async end(tx: Pick<Tx, 'query'>, personId: string, sessionId: string): Promise<boolean> {
    const ended = await tx.query(
      'DELETE FROM login_session WHERE person_id = $1 AND session_id = $2 RETURNING 1 AS ended',
      [personId, sessionId],
    );
    return ended.length > 0;
  }

  async endByHash(tx: Tx, hash: string): Promise<void> {
    await tx.query('DELETE FROM login_session WHERE token_hash = $1', [hash]);
  }

  /** Everything that is open of a person: sessions, also those that act as the person, and tokens. */
  async endAll(tx: Tx, personId: string, exceptSessionId: string | null = null): Promise<void> {
    await tx.query('DELETE FROM login_session WHERE person_id = $1 AND session_id IS DISTINCT FROM $2', [
      personId,
      exceptSessionId,
    ]);
    await tx.query(
      'UPDATE login_session SET impersonated_id = NULL, impersonated_until = NULL WHERE impersonated_id = $1',
      [personId],
    );
    await tx.query('DELETE FROM access_token WHERE person_id = $1', [personId]);
  }

  /** False when the session acts as somebody already. */
  async impersonate(
    tx: Tx,
    sessionId: string,
    { personId, until, reason }: { personId: string; until: Date; reason: string },
  ): Promise<boolean> {
    const begun = await tx.query(
      `UPDATE login_session SET impersonated_id = $2, impersonated_until = $3, impersonation_reason = $4
       WHERE session_id = $1 AND (impersonated_id IS NULL OR impersonated_until <= $5) RETURNING 1 AS begun`,
      [sessionId, personId, until, reason, this.clock.now()],
    );
    return begun.length > 0;
  }

  async stopImpersonating(tx: Tx, sessionId: string): Promise<void> {
    await tx.query(
      `UPDATE login_session SET impersonated_id = NULL, impersonated_until = NULL, impersonation_reason = NULL
       WHERE session_id = $1`,
      [sessionId],
    );
  }

  private oldest(): Date {
    return new Date(this.clock.now().getTime() - SESSION_S * 1000);
  }
}
