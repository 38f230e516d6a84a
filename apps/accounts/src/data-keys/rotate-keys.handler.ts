import {
  type Keyring,
  newDataKey,
  rewrapKey,
  type Tx,
  type UnitOfWork,
  type WrappedKey,
} from '@backhaul/persistence';
import type { DataKeyRepository } from './data-key.repository.js';
import { PlatformKeys } from './platform-key.js';
import type { SealedConnections } from './sealed-connections.js';

export interface RotationProgress {
  /** Partners done by this run, and those that were due when it began. */
  done: number;
  total: number;
  /** Secrets that no key opens. */
  lost: number;
}

export interface RotationOptions {
  /** Partners in one transaction. */
  batch: number;
  report: (progress: RotationProgress) => void;
}

/** A partner is due when something of it is not as this rotation leaves it. `$1` is what that depends on. */
interface Due {
  sql: string;
  params: unknown[];
}

/** What of a partner is not under the current key encryption key. */
const UNDER_OTHER_KEK = `
  SELECT partner_id FROM data_key WHERE kek_id <> $1
  UNION SELECT partner_id FROM psa_connection WHERE sealed_secret NOT LIKE 'v2.' || $1 || '.%'`;

/** Partners whose newest data key is of before the run, or who have something that it does not seal. */
const BEFORE_RUN = `
  SELECT s.partner_id FROM (SELECT partner_id FROM data_key UNION SELECT partner_id FROM psa_connection) s
  LEFT JOIN LATERAL (SELECT version, created_at FROM data_key k WHERE k.partner_id = s.partner_id
                     ORDER BY version DESC LIMIT 1) k ON true
  WHERE ($2::uuid IS NULL OR s.partner_id = $2) AND (
    k.version IS NULL OR k.created_at < (SELECT started_at FROM key_rotation WHERE rotation_id = $1)
    OR EXISTS (SELECT 1 FROM psa_connection c WHERE c.partner_id = s.partner_id
               AND split_part(c.sealed_secret, '.', 3) <> k.version::text))`;

/**
 * New keys at both levels, a batch of partners in a transaction. What is left follows from the rows themselves, so a run
 * that was killed is continued by starting it again; saves go on meanwhile.
 */
export class RotateKeysHandler {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly keyring: Keyring,
    private readonly keys: DataKeyRepository,
    private readonly sealed: SealedConnections,
    private readonly options: RotationOptions,
  ) {}

  /** Wraps every data key by the current key encryption key; the secrets themselves stay sealed. */
  async rewrap(): Promise<RotationProgress> {
    await this.unitOfWork.run((tx) => new PlatformKeys(this.keyring).rewrap(tx));
    const due = { sql: UNDER_OTHER_KEK, params: [this.keyring.current.id] };
    return this.eachBatch(due, async (tx, partnerId) => {
      const key = await this.keys.current(tx, partnerId);
      const wrapped = key.kekId === this.keyring.current.id ? key : rewrapKey(this.keyring, key);
      if (wrapped !== key) await this.keys.rewrap(tx, wrapped);
      return this.finish(tx, wrapped);
    });
  }

  /** A new data key for one partner or for all, and everything sealed anew. */
  async renew(partnerId: string | null): Promise<RotationProgress> {
    const run = await this.begun(partnerId);
    const progress = await this.eachBatch(
      { sql: BEFORE_RUN, params: [run.id, partnerId] },
      async (tx, partner) => {
        const newest = await this.keys.newest(tx, partner);
        const isNew = newest !== null && (await this.isOf(tx, run.id, partner, newest));
        const key = isNew ? newest : newDataKey(this.keyring, partner, (newest?.version ?? 0) + 1);
        if (!isNew) await this.keys.insert(tx, key);
        return this.finish(tx, key);
      },
    );
    await this.unitOfWork.query('UPDATE key_rotation SET finished_at = now() WHERE rotation_id = $1', [
      run.id,
    ]);
    return progress;
  }

  /** How many partners have something under another key encryption key than the current one. */
  async underOtherKeys(): Promise<number> {
    return this.count({ sql: UNDER_OTHER_KEK, params: [this.keyring.current.id] });
  }

  private async finish(tx: Tx, key: WrappedKey): Promise<number> {
    const lost = await this.sealed.reseal(tx, key.tenant, key);
    if (lost === 0) await this.keys.removeBefore(tx, key);
    return lost;
  }

  private async eachBatch(
    due: Due,
    work: (tx: Tx, partnerId: string) => Promise<number>,
  ): Promise<RotationProgress> {
    const progress: RotationProgress = { done: 0, total: await this.count(due), lost: 0 };
    let after = '00000000-0000-0000-0000-000000000000';
    for (;;) {
      const partnerIds = await this.next(due, after);
      const last = partnerIds.at(-1);
      if (last === undefined) return progress;
      progress.lost += await this.unitOfWork.run(async (tx) => {
        // All of them before the first write: the outbox orders by when a transaction began to write.
        await this.keys.holdAlone(tx, partnerIds);
        let lost = 0;
        for (const partnerId of partnerIds) lost += await work(tx, partnerId);
        return lost;
      });
      progress.done += partnerIds.length;
      this.options.report(progress);
      after = last;
    }
  }

  private async next({ sql, params }: Due, after: string): Promise<string[]> {
    const at = params.length + 1;
    const rows = await this.unitOfWork.query<{ partner_id: string }>(
      `SELECT DISTINCT partner_id FROM (${sql}) due WHERE partner_id > $${at} ORDER BY partner_id LIMIT $${at + 1}`,
      [...params, after, this.options.batch],
    );
    return rows.map((row) => row.partner_id);
  }

  private async count({ sql, params }: Due): Promise<number> {
    const [row] = await this.unitOfWork.query<{ n: number }>(
      `SELECT count(DISTINCT partner_id)::int AS n FROM (${sql}) due`,
      params,
    );
    return row?.n ?? 0;
  }

  /** The run that was cut off, or a new one. */
  private async begun(partnerId: string | null): Promise<{ id: string }> {
    const unfinished = await this.unitOfWork.query<{ id: string }>(
      `SELECT rotation_id AS id FROM key_rotation
       WHERE partner_id IS NOT DISTINCT FROM $1 AND finished_at IS NULL ORDER BY rotation_id LIMIT 1`,
      [partnerId],
    );
    const made = async (): Promise<{ id: string }[]> =>
      this.unitOfWork.query('INSERT INTO key_rotation (partner_id) VALUES ($1) RETURNING rotation_id AS id', [
        partnerId,
      ]);
    return (unfinished[0] ?? (await made())[0]) as { id: string };
  }

  private async isOf(tx: Tx, runId: string, partnerId: string, { version }: WrappedKey): Promise<boolean> {
    const rows = await tx.query(
      `SELECT 1 FROM data_key WHERE partner_id = $1 AND version = $2
       AND created_at >= (SELECT started_at FROM key_rotation WHERE rotation_id = $3)`,
      [partnerId, version, runId],
    );
    return rows.length > 0;
  }
}
