import { etagOf, requireIfMatch } from '@backhaul/http';
import { outboxAuditTrail, type Scope, type Tx, type UnitOfWork } from '@backhaul/persistence';

export interface Retention {
  /** Days from the receipt of an event until it goes. */
  days: number;
  /** Whether that is what the installation says, and follows it. */
  isDefault: boolean;
}

/** For how long a partner keeps its event log. */
export class EventRetention {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly defaultDays: number,
  ) {}

  async read({ partnerId }: Scope, tx: Pick<Tx, 'query'> = this.unitOfWork): Promise<Retention> {
    const [row] = await tx.query<{ days: number }>('SELECT days FROM event_retention WHERE partner_id = $1', [
      partnerId,
    ]);
    return { days: row?.days ?? this.defaultDays, isDefault: row === undefined };
  }

  /** Null: as the installation says. In force with the next pass, within an hour. @throws Problem 412, 428 */
  set(scope: Scope, ifMatch: string | undefined, days: number | null): Promise<Retention> {
    const { partnerId } = scope;
    return this.unitOfWork.run(async (tx) => {
      await tx.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`event-retention ${partnerId}`]);
      requireIfMatch(ifMatch, etagOf(await this.read(scope, tx)));
      if (days === null) await tx.query('DELETE FROM event_retention WHERE partner_id = $1', [partnerId]);
      else
        await tx.query(
          `INSERT INTO event_retention VALUES ($1, $2)
           ON CONFLICT (partner_id) DO UPDATE SET days = excluded.days`,
          [partnerId, days],
        );
      const target = { kind: 'partner', id: partnerId };
      await outboxAuditTrail.record(tx, partnerId, { action: 'event.retention', target, detail: { days } });
      return this.read(scope, tx);
    });
  }
}
