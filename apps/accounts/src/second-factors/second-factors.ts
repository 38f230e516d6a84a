import type { Clock } from '@backhaul/domain';
import type { Tx, UnitOfWork } from '@backhaul/persistence';
import type { Person } from '../people/person.js';
import type { RecoveryCodes } from './recovery-codes.js';
import type { SecretBox } from './secret-box.js';
import { newTotpSecret, totpStepOf } from './totp.js';

export type CodeCheck = 'not-needed' | 'missing' | 'right' | 'wrong';

interface TotpRow {
  sealedSecret: string;
  isConfirmed: boolean;
  lastStep: number;
}

/** What proves a person beside the password: codes of an authenticator, or a recovery code. */
export class SecondFactors {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly codes: RecoveryCodes,
    private readonly box: SecretBox,
    private readonly clock: Clock,
  ) {}

  /** Uses the code up. A person without a second factor needs none. */
  async check(person: Person, code: string | null | undefined): Promise<CodeCheck> {
    if (!person.hasSecondFactor) return 'not-needed';
    if (!code) return 'missing';
    const isRight = (await this.useTotp(person, code)) || (await this.useRecoveryCode(person, code));
    return isRight ? 'right' : 'wrong';
  }

  /** A secret that waits to be confirmed; null when one is confirmed already. */
  async enrol(tx: Tx, { personId }: Person): Promise<string | null> {
    const secret = newTotpSecret();
    const stored = await tx.query(
      `INSERT INTO totp AS t (person_id, sealed_secret) VALUES ($1, $2)
       ON CONFLICT (person_id) DO UPDATE SET sealed_secret = $2, last_step = 0 WHERE NOT t.is_confirmed RETURNING 1 AS stored`,
      [personId, this.box.close(personId, secret)],
    );
    return stored.length > 0 ? secret : null;
  }

  /** The first right code of a new secret makes it a second factor. */
  async confirm(tx: Tx, { personId }: Person, code: string): Promise<'confirmed' | 'wrong' | 'none'> {
    const row = await this.totpOf(tx, personId);
    if (!row || row.isConfirmed) return 'none';
    const step = this.stepOf(personId, row, code);
    if (step === null) return 'wrong';
    await tx.query('UPDATE totp SET is_confirmed = true, last_step = $2 WHERE person_id = $1', [
      personId,
      step,
    ]);
    return 'confirmed';
  }

  async remove(tx: Tx, { personId }: Person): Promise<void> {
    await tx.query('DELETE FROM totp WHERE person_id = $1', [personId]);
    await this.codes.forget(tx, personId);
  }

  private async useTotp({ personId }: Person, code: string): Promise<boolean> {
    const row = await this.totpOf(this.unitOfWork, personId);
    if (!row?.isConfirmed) return false;
    const step = this.stepOf(personId, row, code);
    if (step === null) return false;
    const used = await this.unitOfWork.query(
      'UPDATE totp SET last_step = $2 WHERE person_id = $1 AND last_step < $2 RETURNING 1 AS used',
      [personId, step],
    );
    return used.length > 0;
  }

  private useRecoveryCode({ personId }: Person, code: string): Promise<boolean> {
    return this.codes.use(this.unitOfWork, personId, code);
  }

  private stepOf(personId: string, row: TotpRow, code: string): number | null {
    const secret = this.box.open(personId, row.sealedSecret);
    return totpStepOf(secret, code, this.clock.now(), row.lastStep);
  }

  private async totpOf(tx: Pick<Tx, 'query'>, personId: string): Promise<TotpRow | null> {
    const [row] = await tx.query<TotpRow>(
      `SELECT sealed_secret AS "sealedSecret", is_confirmed AS "isConfirmed", last_step::float8 AS "lastStep"
       FROM totp WHERE person_id = $1`,
      [personId],
    );
    return row ?? null;
  }
}
