import { PROVIDERS, type BreakerPayload, type Provider } from '@backhaul/messaging';
import { type Tx, UnitOfWork } from '@backhaul/persistence';
import { Injectable } from '@nestjs/common';

/** Which PSAs do not answer, as ticketing tells it. */
@Injectable()
export class BreakerRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** By connection; null: there is nothing to be told of it any more. An older word changes nothing. */
  async put(newest: ReadonlyMap<string, BreakerPayload | null>): Promise<void> {
    const entries = [...newest].sort(([a], [b]) => (a < b ? -1 : 1));
    const gone = entries.filter(([, payload]) => payload === null).map(([connectionId]) => connectionId);
    const told = entries.flatMap(([, payload]) => payload ?? []);
    await this.unitOfWork.run(async (tx) => {
      await tx.query('DELETE FROM psa_breaker WHERE connection_id = ANY($1::uuid[])', [gone]);
      await tx.query(
        `INSERT INTO psa_breaker AS b (connection_id, partner_id, provider, open_until, at)
         SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::timestamptz[])
         ON CONFLICT (connection_id) DO UPDATE SET partner_id = excluded.partner_id, provider = excluded.provider,
           open_until = excluded.open_until, at = excluded.at WHERE b.at <= excluded.at`,
        [
          told.map(({ connectionId }) => connectionId),
          told.map(({ partnerId }) => partnerId),
          told.map(({ provider }) => provider),
          told.map(({ isOpen, until }) => (isOpen ? until : null)),
          told.map(({ at }) => at),
        ],
      );
    });
  }

  /**
   * For how long every PSA that has a part in this event will not be called, in seconds; null where one of them answers
   * (its work goes on, the other's waits), or none has a part.
   */
  async closedForS(tx: Tx, partnerId: string, eventId: string): Promise<number | null> {
    const [row] = await tx.query<{ providers: Provider[]; down: Provider[]; seconds: number | null }>(
      `WITH asked AS (SELECT DISTINCT p AS provider FROM event_action a
         JOIN unnest($3::text[]) AS p ON a.action = 'open_' || p || '_ticket'
         WHERE a.partner_id = $1 AND a.event_id = $2),
       down AS (SELECT b.provider, extract(epoch FROM max(b.open_until) - now()) AS seconds FROM psa_breaker b
         JOIN asked USING (provider) WHERE b.partner_id = $1 AND b.open_until > now() GROUP BY b.provider)
       SELECT ARRAY(SELECT provider FROM asked) AS providers, ARRAY(SELECT provider FROM down) AS down,
         (SELECT ceil(min(seconds))::int FROM down) AS seconds`,
      [partnerId, eventId, PROVIDERS],
    );
    if (!row || row.providers.length === 0 || row.down.length < row.providers.length) return null;
    return row.seconds;
  }
}
