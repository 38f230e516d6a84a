import type { HandlerId, PartnerId } from '@backhaul/domain';
import type { Tx } from '@backhaul/persistence';
import type { Run, RunAction } from './handler-run.js';

export interface RunRow {
  runId: string;
  handlerId: HandlerId;
  eventId: string | null;
  requestId: string | null;
  accountNo: number | null;
  at: Date;
  actions: (Omit<RunAction, 'actionId'> & { at: string })[];
}

export interface RunPage {
  handlerId: HandlerId;
  limit: number;
  /** The last run of the page before. */
  after: { at: string; runId: string } | null;
}

type Db = Pick<Tx, 'query'>;

/** What handlers did. Who reads a run may read its handler; what ends an action works across partners: ids are unique. */
export class HandlerRunRepository {
  /** Answers the ids of those that were not there before. */
  async add(tx: Tx, runs: readonly Run[]): Promise<Set<string>> {
    const rows = await tx.query<{ id: string }>(
      `INSERT INTO event_handler_run (run_id, partner_id, handler_id, event_id, request_id, account_no, at)
       SELECT "runId", "partnerId", "handlerId", "eventId", "requestId", "accountNo", now()
       FROM jsonb_to_recordset($1::jsonb) AS run ("runId" uuid, "partnerId" uuid, "handlerId" uuid, "eventId" uuid,
         "requestId" uuid, "accountNo" integer)
       ON CONFLICT (run_id) DO NOTHING RETURNING run_id AS id`,
      [JSON.stringify(runs.map(({ actions: _actions, cause, ...run }) => ({ ...run, ...cause })))],
    );
    const added = new Set(rows.map(({ id }) => id));
    await this.addActions(tx, runs.filter(({ runId }) => added.has(runId))); // prettier-ignore
    return added;
  }

  private async addActions(tx: Tx, runs: readonly Run[]): Promise<void> {
    const actions = runs.flatMap(({ runId, partnerId, actions: all }) =>
      all.map((action, place) => ({ ...action, runId, partnerId, place })),
    );
    if (actions.length === 0) return;
    await tx.query(
      `INSERT INTO event_handler_action (action_id, run_id, partner_id, place, kind, state, reason, message, at)
       SELECT "actionId", "runId", "partnerId", place, kind, state, reason, message, now()
       FROM jsonb_to_recordset($1::jsonb) AS action ("actionId" uuid, "runId" uuid, "partnerId" uuid, place smallint,
         kind text, state text, reason text, message text)`,
      [JSON.stringify(actions)],
    );
  }

  async end(
    tx: Tx,
    actionId: string,
    { state, reason, message }: Pick<RunAction, 'state' | 'reason' | 'message'>,
  ): Promise<void> {
    await tx.query(
      'UPDATE event_handler_action SET state = $2, reason = $3, message = $4, at = now() WHERE action_id = $1',
      [actionId, state, reason, message],
    );
  }

  /** Newest first. */
  page(db: Db, partnerId: PartnerId, { handlerId, limit, after }: RunPage): Promise<RunRow[]> {
    return db.query<RunRow>(
      `SELECT r.run_id AS "runId", r.handler_id AS "handlerId", r.event_id AS "eventId", r.request_id AS "requestId",
         r.account_no AS "accountNo", r.at,
         ARRAY(SELECT jsonb_build_object('kind', a.kind, 'state', a.state, 'reason', a.reason, 'message', a.message,
             'at', to_char(a.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
           FROM event_handler_action a WHERE a.run_id = r.run_id ORDER BY a.place) AS actions
       FROM event_handler_run r
       WHERE r.partner_id = $1 AND r.handler_id = $2 AND ($3::timestamptz IS NULL OR (r.at, r.run_id) < ($3, $4::uuid))
       ORDER BY r.at DESC, r.run_id DESC LIMIT $5`,
      [partnerId, handlerId, after?.at ?? null, after?.runId ?? null, limit],
    );
  }

  async purge(tx: Tx, olderThanDays: number): Promise<void> {
    await tx.query("DELETE FROM event_handler_run WHERE at < now() - $1 * interval '1 day'", [olderThanDays]);
  }
}
