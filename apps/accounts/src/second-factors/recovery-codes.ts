import { createHmac, hkdfSync, randomInt } from 'node:crypto';
import type { Secret } from '@backhaul/domain';
import type { Tx } from '@backhaul/persistence';

const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const HOW_MANY = 10;

/** Ten codes of 80 bits that each open the door once; kept only under a key that is not in the database. */
export class RecoveryCodes {
  private readonly key: Buffer;

  constructor(platformKey: Secret<Buffer>) {
    this.key = Buffer.from(hkdfSync('sha256', platformKey.reveal(), '', 'recovery codes', 32));
  }

  /** New ones for old ones; the only time that they are readable. */
  async renew(tx: Tx, personId: string): Promise<string[]> {
    const codes = Array.from({ length: HOW_MANY }, newCode);
    await this.forget(tx, personId);
    await tx.query('INSERT INTO recovery_code (person_id, code_hash) SELECT $1, unnest($2::text[])', [
      personId,
      codes.map((code) => this.hashOf(personId, code)),
    ]);
    return codes;
  }

  async forget(tx: Tx, personId: string): Promise<void> {
    await tx.query('DELETE FROM recovery_code WHERE person_id = $1', [personId]);
  }

  /** True once for each code, whoever asks at the same time. */
  async use(tx: Pick<Tx, 'query'>, personId: string, code: string): Promise<boolean> {
    const used = await tx.query(
      'DELETE FROM recovery_code WHERE person_id = $1 AND code_hash = $2 RETURNING 1 AS used',
      [personId, this.hashOf(personId, code)],
    );
    return used.length > 0;
  }

  async left(tx: Pick<Tx, 'query'>, personId: string): Promise<number> {
    const [row] = await tx.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM recovery_code WHERE person_id = $1',
      [personId],
    );
    return row?.count ?? 0;
  }

  private hashOf(personId: string, code: string): string {
    const plain = code.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
    return createHmac('sha256', this.key).update(`${personId}|${plain}`).digest('base64url');
  }
}

function newCode(): string {
  const part = (): string => Array.from({ length: 4 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return [part(), part(), part(), part()].join('-');
}
