import { type Clock, uuidv7 } from '@backhaul/domain';
import type { Tx, UnitOfWork } from '@backhaul/persistence';
import type { Person } from './person.js';

export type LoginOutcome =
  'logged-in' | 'wrong-password' | 'wrong-code' | 'wrong-passkey' | 'role-not-allowed' | 'partner-suspended';

/** Who tried to log in, and what came of it (A2). */
export class LoginRecord {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  async note(
    outcome: LoginOutcome,
    { username, ip, person }: { username: string; ip: string; person: Person | null },
    tx: Pick<Tx, 'query'> = this.unitOfWork,
  ): Promise<void> {
    const at = this.clock.now();
    await tx.query(
      `INSERT INTO login_attempt (attempt_id, at, partner_id, account_no, username, ip, outcome)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [uuidv7(at.getTime()), at, person?.partnerId ?? null, person?.accountNo ?? null, username, ip, outcome],
    );
  }
}
