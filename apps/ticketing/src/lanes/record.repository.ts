import { crashPoint, type OutcomeState, type Provider } from '@backhaul/messaging';
import { publishAll, type Tx, type UnitOfWork } from '@backhaul/persistence';
import { replaceTicket } from '../incidents/replace-ticket.js';
import { outcomeMessage, type WaitingRequest } from '../incidents/outcome.js';
import type { FailurePlan } from './command-result.js';
import type { HeadCommand, Lease } from './lane.repository.js';
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
const IS_LOST = new Set<CommandDone['reason']>(['ticket_deleted', 'ticket_closed']);

interface Told {
  state: OutcomeState;
  reason: string;
  message: string | null;
}

/** Writes down what became of a command, if the lane is still ours. */
export class RecordRepository {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly provider: Provider,
  ) {}

  /** False when another worker owns the lane by now: then nothing was written. */
  done(lease: Lease, command: HeadCommand, result: CommandDone): Promise<boolean> {
    return this.unitOfWork.run(async (tx) => {
      if (!(await this.owns(tx, lease))) return false;
      crashPoint(`psa.${command.kind}.before-commit`);
      await tx.query(
        "UPDATE command SET status = 'done', finished_at = clock_timestamp() WHERE command_id = $1",
        [command.commandId],
      );
      await this.link(tx, lease.laneKey, command, result);
      await this.entry(tx, command, result.reason, TEXT[result.reason]);
      await this.tell(tx, command, {
        state: IS_LOST.has(result.reason) ? 'skipped' : 'done',
        reason: result.reason,
        message: TEXT[result.reason],
      });
      await this.goOn(tx, lease);
      return true;
    });
  }

  failed(lease: Lease, command: HeadCommand, plan: FailurePlan, told: Told): Promise<boolean> {
    return this.unitOfWork.run(async (tx) => {
      if (!(await this.owns(tx, lease))) return false;
      const finishedAt = plan.status === 'dead' ? 'clock_timestamp()' : 'NULL';
      const mine = await tx.query(
        `UPDATE command SET status = $2, finished_at = ${finishedAt}
         WHERE command_id = $1 AND status IN ('planned', 'sending', 'unknown') RETURNING command_id`,
        [command.commandId, plan.status],
      );
      // A request has made it needless since we looked.
      if (mine.length === 0) {
        await this.goOn(tx, lease);
        return true;
      }
      const isNews = plan.status === 'dead' || plan.needsAttention || lease.attempts === 0;
      if (isNews) {
        await this.entry(tx, command, 'failed', told.message ?? told.reason);
        await this.tell(tx, command, told);
      }
      if (plan.needsAttention)
        await tx.query(
          "UPDATE lane SET state = 'attention', reason = $2, lease_until = '-infinity' WHERE lane_key = $1",
          [lease.laneKey, told.reason],
        );
      else await this.goOn(tx, lease, plan.delayMs, plan.status === 'dead' ? 0 : lease.attempts + 1);
      return true;
    });
  }

  private async owns(tx: Tx, lease: Lease): Promise<boolean> {
    const rows = await tx.query(
      "SELECT 1 FROM lane WHERE lane_key = $1 AND lease_epoch = $2 AND state = 'running' FOR UPDATE",
      [lease.laneKey, lease.epoch],
    );
    return rows.length === 1;
  }

  private async link(
    tx: Tx,
    laneKey: string,
    command: HeadCommand,
    { ticket, reason }: CommandDone,
  ): Promise<void> {
    if (IS_LOST.has(reason)) {
      const state = reason === 'ticket_deleted' ? 'deleted' : 'closed';
      await tx.query('UPDATE incident SET ticket_state = $2 WHERE incident_id = $1', [
        command.incidentId,
        state,
      ]);
      if (command.kind !== 'close') await replaceTicket(tx, { ...command, laneKey });
      return;
    }
    if (!ticket) return;
    await tx.query(
      `UPDATE incident SET ticket_id = $2, ticket_number = $3, ticket_url = coalesce($4, ticket_url), ticket_state = $5 WHERE incident_id = $1`,
      [command.incidentId, ticket.id, ticket.number, ticket.url, reason === 'resolved' ? 'closed' : 'open'],
    );
  }

  private async entry(tx: Tx, { incidentId }: HeadCommand, kind: string, text: string): Promise<void> {
    await tx.query('INSERT INTO incident_entry (incident_id, kind, text) VALUES ($1, $2, $3)', [
      incidentId,
      kind,
      text,
    ]);
  }

  private async tell(tx: Tx, command: HeadCommand, told: Told): Promise<void> {
    const waiters = await tx.query<
      WaitingRequest & { ticketId: string | null; ticketNumber: string | null; now: Date }
    >(
      `SELECT r.request_id AS "requestId", r.event_id AS "eventId", r.rule_id AS "ruleId", i.ticket_id AS "ticketId", i.ticket_number AS "ticketNumber",
              clock_timestamp() AS now
       FROM command_request r JOIN command c USING (command_id) JOIN incident i USING (incident_id) WHERE r.command_id = $1`,
      [command.commandId],
    );
    const { partnerId, accountNo } = command;
    await publishAll(
      tx,
      waiters.map(({ requestId, eventId, ruleId, ticketId, ticketNumber, now }) =>
        outcomeMessage(
          { requestId, eventId, ruleId },
          { ...told, partnerId, accountNo, provider: this.provider, ticketId, ticketNumber, at: now },
        ),
      ),
    );
  }

  private async goOn(tx: Tx, lease: Lease, delayMs = 0, attempts = 0): Promise<void> {
    await tx.query(
      `UPDATE lane SET attempts = $3, lease_until = '-infinity', next_attempt_at = clock_timestamp() + $2 * interval '1 ms',
         state = CASE WHEN EXISTS (SELECT 1 FROM command c WHERE c.lane_key = $1 AND c.status IN ('planned', 'sending', 'unknown')) THEN 'ready' ELSE 'idle' END
       WHERE lane_key = $1`,
      [lease.laneKey, delayMs, attempts],
    );
  }
}
