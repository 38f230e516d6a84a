import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '@backhaul/domain';
import type { UnitOfWork } from '@backhaul/persistence';

export type ChallengePurpose = 'add' | 'log-in' | 'step-up';

const LIFETIME_MS = 5 * 60 * 1000;
/** Each that is made takes more than one old one with it, so the table stays small. */
const SWEPT_AT_ONCE = 20;

/** What an authenticator has to sign: 256 random bits for one purpose and one session, answered once, within minutes. */
export class ChallengeRepository {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  /** `sessionId` is null before a login. In base64url. */
  async make(purpose: ChallengePurpose, sessionId: string | null): Promise<string> {
    const challenge = randomBytes(32).toString('base64url');
    const now = this.clock.now();
    await this.unitOfWork.query(
      `DELETE FROM passkey_challenge WHERE ctid IN (
         SELECT ctid FROM passkey_challenge WHERE expires_at < $1 LIMIT ${SWEPT_AT_ONCE} FOR UPDATE SKIP LOCKED)`,
      [now],
    );
    await this.unitOfWork.query(
      'INSERT INTO passkey_challenge (challenge_hash, purpose, session_id, expires_at) VALUES ($1, $2, $3, $4)',
      [hashOf(challenge), purpose, sessionId, new Date(now.getTime() + LIFETIME_MS)],
    );
    return challenge;
  }

  /** True once for each challenge, whatever comes of the answer. */
  async use(challenge: string, purpose: ChallengePurpose, sessionId: string | null): Promise<boolean> {
    const used = await this.unitOfWork.query(
      `DELETE FROM passkey_challenge WHERE challenge_hash = $1 AND purpose = $2 AND session_id IS NOT DISTINCT FROM $3::uuid
         AND expires_at > $4 RETURNING 1 AS used`,
      [hashOf(challenge), purpose, sessionId, this.clock.now()],
    );
    return used.length > 0;
  }
}

const hashOf = (challenge: string): string => createHash('sha256').update(challenge).digest('hex');
