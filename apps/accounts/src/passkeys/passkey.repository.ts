import { type Clock, uuidv7 } from '@backhaul/domain';
import type { Tx, UnitOfWork } from '@backhaul/persistence';

export interface Passkey {
  passkeyId: string;
  personId: string;
  /** Base64url. */
  credentialId: string;
  /** COSE. */
  publicKey: Buffer;
  transports: string[];
  name: string;
  createdAt: Date;
  lastUsedAt: Date | null;
}

export type NewPasskey = Pick<Passkey, 'credentialId' | 'publicKey' | 'transports' | 'name'> & {
  counter: number;
};

const COLUMNS = `passkey_id AS "passkeyId", person_id AS "personId", credential_id AS "credentialId",
  public_key AS "publicKey", transports, name, created_at AS "createdAt", last_used_at AS "lastUsedAt"`;

/** Passkeys of people; like sessions, they come before any scope. */
export class PasskeyRepository {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  /** Oldest first. */
  ofPerson(personId: string, tx: Pick<Tx, 'query'> = this.unitOfWork): Promise<Passkey[]> {
    return tx.query<Passkey>(`SELECT ${COLUMNS} FROM passkey WHERE person_id = $1 ORDER BY passkey_id`, [
      personId,
    ]);
  }

  /** Whose it is, it says itself. */
  async findAcrossTenants(credentialId: string): Promise<Passkey | null> {
    const [row] = await this.unitOfWork.query<Passkey>(
      `SELECT ${COLUMNS} FROM passkey WHERE credential_id = $1`,
      [credentialId],
    );
    return row ?? null;
  }

  /** @throws the broken constraint `passkey_credential` for one that is known */
  async add(tx: Tx, personId: string, passkey: NewPasskey): Promise<Passkey> {
    const now = this.clock.now();
    const [row] = await tx.query<Passkey>(
      `INSERT INTO passkey (passkey_id, person_id, credential_id, public_key, counter, transports, name, created_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING ${COLUMNS}`,
      [
        uuidv7(now.getTime()),
        personId,
        passkey.credentialId,
        passkey.publicKey,
        passkey.counter,
        passkey.transports,
        passkey.name,
        now,
      ],
    );
    if (!row) throw new Error('The database answered no row');
    return row;
  }

  /** False when its counter did not grow: a copy of the authenticator is about. One that never counts stays at 0. */
  async used(passkeyId: string, counter: number): Promise<boolean> {
    const rows = await this.unitOfWork.query(
      `UPDATE passkey SET counter = $2, last_used_at = $3
       WHERE passkey_id = $1 AND (counter < $2 OR (counter = 0 AND $2 = 0)) RETURNING 1 AS used`,
      [passkeyId, counter, this.clock.now()],
    );
    return rows.length > 0;
  }

  async remove(tx: Tx, personId: string, passkeyId: string): Promise<Passkey | null> {
    const [row] = await tx.query<Passkey>(
      `DELETE FROM passkey WHERE person_id = $1 AND passkey_id = $2 RETURNING ${COLUMNS}`,
      [personId, passkeyId],
    );
    return row ?? null;
  }

  async removeAll(tx: Tx, personId: string): Promise<number> {
    return (await tx.query('DELETE FROM passkey WHERE person_id = $1 RETURNING 1 AS gone', [personId]))
      .length;
  }
}
