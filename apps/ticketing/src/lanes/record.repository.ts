import { Batcher, crashPoint, type OutcomeState, type Provider } from '@backhaul/messaging';
import { isDataError, publishAll, type Tx, type UnitOfWork } from '@backhaul/persistence';
import type { KnownConnection } from '../connections/connection.repository.js';
import { replaceTicket } from '../incidents/replace-ticket.js';
import { outcomeMessage, type WaitingRequest } from '../incidents/outcome.js';
import type { FailurePlan } from './command-result.js';
import { type HeadCommand, type Lease, leaseId } from './lane.repository.js';
import type { CommandDone } from './run-command.js';

const TEXT: Record<CommandDone['reason'], string> = {
  opened: 'Ticket opened.',
  noted: 'Noted on the open ticket.',
  resolved: 'Ticket closed.',
  reopened: 'Ticket opened again.',
  merged:
    'The ticket was merged into another; the note went there. Tickets that are merged or moved are no longer kept apart.',
  ticket_deleted: 'The ticket had been deleted in the PSA.',
  ticket_closed: 'The ticket was closed in the PSA long ago.',
};
/** What was done otherwise than the settings say, and what people did that keeps a ticket from being kept apart (E64). */
const WARNINGS = {
  priority_replaced:
    'The priority of the settings is gone from the PSA: its default was taken. Choose another in Integration Setup.',
  moved:
    'It was moved to another board or queue: tickets must stay on the one that is set up. Move it back, or choose the other one in Integration Setup.',
  child:
    'It was made a child of another ticket: tickets must stand for themselves. Take it out of the bundle.',
};

function textOf({ reason, ticket, warning }: CommandDone): string {
  const told = warning ?? ticket?.warning;
  return told === undefined ? TEXT[reason] : `${TEXT[reason]} ${WARNINGS[told]}`;
}

const IS_LOST = new Set<CommandDone['reason']>(['ticket_deleted', 'ticket_closed']);

interface Told {
  state: OutcomeState;
  reason: string;
  message: string | null;
}

interface Finished {
  lease: Lease;
  command: HeadCommand;
  result: CommandDone;
}

interface Waiter extends WaitingRequest {
  commandId: string;
  ticketId: string | null;
  ticketNumber: string | null;
  now: Date;
}

/** Columns of the commands that are done. An incident has one command at work, so each row is touched once. */
const FINISH = `
WITH d AS (
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
    AS d(command_id, incident_id, reason, text, ticket_id, ticket_number, ticket_url, ticket_state, ticket_place)),
finished AS (
  UPDATE command SET status = 'done', finished_at = clock_timestamp() FROM d WHERE command.command_id = d.command_id),
linked AS (
  UPDATE incident SET ticket_id = coalesce(d.ticket_id, incident.ticket_id), ticket_number = coalesce(d.ticket_number, incident.ticket_number),
    ticket_url = coalesce(d.ticket_url, incident.ticket_url), ticket_state = d.ticket_state,
    ticket_place = coalesce(incident.ticket_place, d.ticket_place)
  FROM d WHERE incident.incident_id = d.incident_id AND d.ticket_state IS NOT NULL)
INSERT INTO incident_entry (incident_id, kind, text) SELECT incident_id, reason, text FROM d`;

/** Writes down what became of commands, where the lane is still ours. */
export class RecordRepository {
  private readonly finished = new Batcher<Finished, boolean>({
    run: (all) => this.doneAll(all),
    isSplit: isDataError,
  });

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly provider: Provider,
  ) {}

  /** False when another worker owns the lane by now: then nothing was written. Resolves after the commit. */
  done(lease: Lease, command: HeadCommand, result: CommandDone): Promise<boolean> {
    return this.finished.add({ lease, command, result });
  }

  /** What came to its end at the same time is one transaction, whatever the number of lanes. */
  private doneAll(all: readonly Finished[]): Promise<boolean[]> {
    return this.unitOfWork.run(async (tx) => {
      const owned = await this.owned(tx, all.map(({ lease }) => lease)); // prettier-ignore
      const mine = all.filter(({ lease }) => owned.has(leaseId(lease)));
      if (mine.length > 0) await this.finish(tx, mine);
      return all.map(({ lease }) => owned.has(leaseId(lease)));
    });
  }

  private async finish(tx: Tx, mine: readonly Finished[]): Promise<void> {
    for (const { command } of mine) crashPoint(`psa.${command.kind}.before-commit`);
    await tx.query(FINISH, columnsOf(mine));
    for (const { lease, command, result } of mine) {
      if (IS_LOST.has(result.reason) && command.kind !== 'close')
        await replaceTicket(tx, { ...command, laneKey: lease.laneKey });
    }
    await this.tell(
      tx,
      mine.map(({ command, result }) => ({
        command,
        state: IS_LOST.has(result.reason) ? 'skipped' : 'done',
        reason: result.warning ?? result.reason,
        message: textOf(result),
      })),
    );
    await this.goOn(tx, mine.map(({ lease }) => lease)); // prettier-ignore
  }

  /** @param tried the connection as it was used, where another one would have done better */
  failed(
    lease: Lease,
    command: HeadCommand,
    plan: FailurePlan,
    told: Told,
    tried?: KnownConnection,
  ): Promise<boolean> {
    return this.unitOfWork.run(async (tx) => {
      if (!(await this.owned(tx, [lease])).has(leaseId(lease))) return false;
      const finishedAt = plan.status === 'dead' ? 'clock_timestamp()' : 'NULL';
      const mine = await tx.query(
        `UPDATE command SET status = $2, finished_at = ${finishedAt}
         WHERE command_id = $1 AND status IN ('planned', 'sending', 'unknown') RETURNING command_id`,
        [command.commandId, plan.status],
      );
      // A request has made it needless since we looked.
      if (mine.length === 0) {
        await this.goOn(tx, [lease]);
        return true;
      }
      const isNews = plan.status === 'dead' || plan.needsAttention || lease.attempts === 0;
      if (isNews) {
        await this.entry(tx, command, 'failed', told.message ?? told.reason);
        await this.tell(tx, [{ command, ...told }]);
      }
      // Credentials that came since we looked have set going what waited by then, and this lane did not.
      if (plan.needsAttention && (tried === undefined || (await this.isStill(tx, tried))))
        await tx.query(
          "UPDATE lane SET state = 'attention', reason = $2, lease_until = '-infinity' WHERE lane_key = $1",
          [lease.laneKey, told.reason],
        );
      else await this.goOn(tx, [lease], plan.delayMs, plan.status === 'dead' ? 0 : lease.attempts + 1);
      return true;
    });
  }

  /** Locks the lanes of these leases that are still theirs, in the order in which folds lock them. */
  private async owned(tx: Tx, leases: readonly Lease[]): Promise<Set<string>> {
    const rows = await tx.query<{ laneKey: string; epoch: string }>(
      `SELECT lane.lane_key AS "laneKey", lane.lease_epoch::text AS epoch FROM lane JOIN unnest($1::text[], $2::bigint[]) AS w(lane_key, epoch)
         ON lane.lane_key = w.lane_key AND lane.lease_epoch = w.epoch
       WHERE lane.state = 'running' ORDER BY lane.lane_key FOR UPDATE OF lane`,
      [leases.map(({ laneKey }) => laneKey), leases.map(({ epoch }) => epoch)],
    );
    return new Set(rows.map(leaseId));
  }

  /** Locked, so that a change either is seen here or finds the lane waiting. */
  private async isStill(tx: Tx, { connectionId, version, sealedSecret }: KnownConnection): Promise<boolean> {
    const rows = await tx.query(
      'SELECT 1 FROM psa_connection WHERE connection_id = $1 AND version = $2 AND sealed_secret = $3 FOR SHARE',
      [connectionId, version, sealedSecret],
    );
    return rows.length > 0;
  }

  private async entry(tx: Tx, { incidentId }: HeadCommand, kind: string, text: string): Promise<void> {
    await tx.query('INSERT INTO incident_entry (incident_id, kind, text) VALUES ($1, $2, $3)', [
      incidentId,
      kind,
      text,
    ]);
  }

  /** To all who wait for these commands; they learn the time after the lanes' lock. */
  private async tell(tx: Tx, all: readonly (Told & { command: HeadCommand })[]): Promise<void> {
    const waiters = await tx.query<Waiter>(
      `SELECT r.command_id AS "commandId", r.request_id AS "requestId", r.event_id AS "eventId", r.rule_id AS "ruleId",
              i.ticket_id AS "ticketId", i.ticket_number AS "ticketNumber", clock_timestamp() AS now
       FROM command_request r JOIN command c USING (command_id) JOIN incident i USING (incident_id) WHERE r.command_id = ANY($1)`,
      [all.map(({ command }) => command.commandId)],
    );
    const toldOf = new Map(all.map((told) => [told.command.commandId, told]));
    await publishAll(
      tx,
      waiters.flatMap(({ commandId, now, ticketId, ticketNumber, ...request }) => {
        const told = toldOf.get(commandId);
        if (!told) return [];
        const { command, ...said } = told;
        const { partnerId, accountNo, incidentId, brandId } = command;
        const { provider } = this;
        return outcomeMessage(request, {
          ...said, partnerId, accountNo, incidentId, provider, ticketId, ticketNumber, at: now,
          ...(brandId !== null && { brandId }),
        }); // prettier-ignore
      }),
    );
  }

  private async goOn(tx: Tx, leases: readonly Lease[], delayMs = 0, attempts = 0): Promise<void> {
    await tx.query(
      `UPDATE lane SET attempts = $3, lease_until = '-infinity', next_attempt_at = clock_timestamp() + $2 * interval '1 ms',
         state = CASE WHEN EXISTS (SELECT 1 FROM command c WHERE c.lane_key = lane.lane_key AND c.status IN ('planned', 'sending', 'unknown')) THEN 'ready' ELSE 'idle' END
       WHERE lane_key = ANY($1)`,
      [leases.map(({ laneKey }) => laneKey), delayMs, attempts],
    );
  }
}

/** The ticket's columns are null where the incident keeps what it has. */
function columnsOf(finished: readonly Finished[]): unknown[][] {
  const rows = finished.map(({ command, result }) => {
    const { reason, ticket } = result;
    const linked = IS_LOST.has(reason) ? null : ticket;
    const ended = reason === 'ticket_deleted' ? 'deleted' : 'closed';
    const state = IS_LOST.has(reason) || reason === 'resolved' ? ended : 'open';
    const ticketState = linked || IS_LOST.has(reason) ? state : null;
    return [
      command.commandId, command.incidentId, reason, textOf(result),
      linked?.id ?? null, linked?.number ?? null, linked?.url ?? null, ticketState, linked?.placeId ?? null,
    ]; // prettier-ignore
  });
  return Array.from({ length: 9 }, (_, column) => rows.map((row) => row[column]));
}
