import { type Clock, uuidv7 } from '@backhaul/domain';
import type { Tx, UnitOfWork } from '@backhaul/persistence';
import { hashOfToken, newSecretToken } from '../people/secret-token.js';

const LIVES_MS = 30 * 60 * 1000;

export interface ResetRequest {
  requestId: string;
  username: string;
}

/** Requests for a new password, and the links that answer them: 256 bits each, kept as a hash. */
export class PasswordResetRepository {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  /** The same work for every name. */
  async request(username: string): Promise<void> {
    const now = this.clock.now();
    await this.unitOfWork.query('INSERT INTO password_reset_request VALUES ($1, $2, $3)', [
      uuidv7(now.getTime()),
      username,
      now,
    ]);
  }

  /** Takes the oldest request; it comes back should the transaction fail. Requests that waited too long are gone. */
  async take(tx: Tx): Promise<ResetRequest | null> {
    await tx.query('DELETE FROM password_reset_request WHERE requested_at < $1', [
      new Date(this.clock.now().getTime() - LIVES_MS),
    ]);
    const [request] = await tx.query<ResetRequest>(
      `DELETE FROM password_reset_request WHERE request_id = (
         SELECT request_id FROM password_reset_request ORDER BY requested_at LIMIT 1 FOR UPDATE SKIP LOCKED)
       RETURNING request_id AS "requestId", username`,
    );
    return request ?? null;
  }

  /** The token is answered once; the person's token of before opens nothing any more. */
  async issue(tx: Tx, personId: string): Promise<{ token: string; expiresAt: Date }> {
    const { text, hash } = newSecretToken('bkr_');
    const expiresAt = new Date(this.clock.now().getTime() + LIVES_MS);
    await tx.query(
      `INSERT INTO password_reset (token_hash, person_id, expires_at) VALUES ($1, $2, $3)
       ON CONFLICT (person_id) DO UPDATE SET token_hash = excluded.token_hash, expires_at = excluded.expires_at`,
      [hash, personId, expiresAt],
    );
    return { token: text, expiresAt };
  }

  async personOf(token: string): Promise<string | null> {
    const [row] = await this.unitOfWork.query<{ personId: string }>(
      'SELECT person_id AS "personId" FROM password_reset WHERE token_hash = $1 AND expires_at > $2',
      [hashOfToken(token), this.clock.now()],
    );
    return row?.personId ?? null;
  }

  /** False when it was used or ended meanwhile. */
  async use(tx: Tx, token: string): Promise<boolean> {
    const used = await tx.query('DELETE FROM password_reset WHERE token_hash = $1 RETURNING 1 AS used', [
      hashOfToken(token),
    ]);
    return used.length > 0;
  }
}
