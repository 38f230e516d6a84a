import type { Clock } from '@backhaul/domain';
import type { UnitOfWork } from '@backhaul/persistence';
import { hashOfToken, newSecretToken } from '../people/secret-token.js';

const TOKEN_MS = 15 * 60 * 1000;

/** Short-lived tokens of programs. */
export class AccessTokenRepository {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  /** The token is answered once. */
  async issue(personId: string): Promise<{ token: string; expiresAt: Date }> {
    const { text, hash } = newSecretToken('bkt_');
    const expiresAt = new Date(this.clock.now().getTime() + TOKEN_MS);
    await this.unitOfWork.query(
      'INSERT INTO access_token (token_hash, person_id, expires_at) VALUES ($1, $2, $3)',
      [hash, personId, expiresAt],
    );
    return { token: text, expiresAt };
  }

  async personOf(token: string): Promise<string | null> {
    const [row] = await this.unitOfWork.query<{ personId: string }>(
      'SELECT person_id AS "personId" FROM access_token WHERE token_hash = $1 AND expires_at > $2',
      [hashOfToken(token), this.clock.now()],
    );
    return row?.personId ?? null;
  }
}
