import type {
  MailOutcomePayload,
  NotificationDecisionPayload,
  SyncOutcomePayload,
  TicketOutcomePayload,
} from '@backhaul/messaging';
import { type Scope, UnitOfWork } from '@backhaul/persistence';
import { Injectable } from '@nestjs/common';
import { endOperations, startOperations } from '../reprocessing/operation.repository.js';
import { type Said, saidByDecision, saidByMail, saidBySync, saidByTicket } from './said.js';

/** An action of a rule as the partner reads it. */
export interface ActionOut {
  ruleId: string;
  ruleName: string;
  action: string;
  state: string;
  reason: string | null;
  message: string | null;
  provider?: string;
  ticketId?: string;
  ticketNumber?: string;
  at: string;
}

/** `processed` once the rules have spoken and nothing of what they asked for is under way. */
export type EventState = 'accepted' | 'processed';

/** Something that an action met and its partner should look into; the Notification Processed Error List (F21). */
export interface ProcessedError extends Pick<
  ActionOut,
  'ruleId' | 'ruleName' | 'action' | 'state' | 'reason' | 'at'
> {
  message: string;
}

export interface NotificationsOut {
  eventId: string;
  state: EventState;
  actions: ActionOut[];
  notificationProcessedErrors: ProcessedError[];
}

interface ActionRow {
  event_id: string;
  rule_id: string;
  rule_name: string | null;
  action: string | null;
  state: string;
  reason: string | null;
  message: string | null;
  provider: string | null;
  ticket_id: string | null;
  ticket_number: string | null;
  problem: string | null;
  at: Date;
}

/**
 * Decision and outcome arrive on two topics, in any order and more than once. A row only moves forward: never from a
 * final state to pending, never from done to anything else (what had failed may be done later, when a customer was
 * mapped), and between two other final states the later word counts.
 */
const WRITE = `
  INSERT INTO event_action AS a (event_id, request_id, partner_id, rule_id, rule_name, action, state, reason, message,
    provider, ticket_id, ticket_number, at, operation_id)
  SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::text[], $11::text[], $12::text[], $13::timestamptz[], $14::uuid[])
  ON CONFLICT (event_id, request_id) DO UPDATE SET
    rule_name = coalesce(a.rule_name, excluded.rule_name),
    action = coalesce(a.action, excluded.action),
    operation_id = coalesce(a.operation_id, excluded.operation_id),
    (state, reason, message, at) = (SELECT n.state, n.reason, n.message, n.at FROM (VALUES
      (a.state, a.reason, a.message, a.at, 0), (excluded.state, excluded.reason, excluded.message, excluded.at, 1))
      AS n(state, reason, message, at, is_new)
      ORDER BY n.state = 'pending', n.state <> 'done', n.at DESC, n.is_new LIMIT 1),
    provider = coalesce(excluded.provider, a.provider),
    ticket_id = coalesce(excluded.ticket_id, a.ticket_id),
    ticket_number = coalesce(excluded.ticket_number, a.ticket_number)`;

@Injectable()
export class EventActionRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  async writeDecisions(decisions: readonly NotificationDecisionPayload[]): Promise<void> {
    const said = decisions.flatMap((decision) =>
      decision.actions.map((action) => saidByDecision(decision, action)),
    );
    const asked = decisions.flatMap(({ operationId, ...decision }) =>
      operationId === undefined ? [] : [{ ...decision, operationId }],
    );
    await this.unitOfWork.run(async (tx) => {
      for (const group of withoutRepeats(said)) await tx.query(WRITE, columnsOf(group));
      await startOperations(tx, asked);
      if (asked.length > 0)
        await endOperations(
          tx,
          asked.map(({ eventId }) => eventId),
        );
      await tx.query(
        `INSERT INTO event_decision SELECT DISTINCT ON (event_id) event_id, partner_id, at
         FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) AS d(event_id, partner_id, at) ORDER BY event_id
         ON CONFLICT DO NOTHING`,
        [decisions.map((d) => d.eventId), decisions.map((d) => d.partnerId), decisions.map((d) => d.at)],
      );
    });
  }

  writeOutcomes(outcomes: readonly TicketOutcomePayload[]): Promise<void> {
    return this.writeEnds(outcomes.map(saidByTicket));
  }

  writeMailOutcomes(outcomes: readonly MailOutcomePayload[]): Promise<void> {
    return this.writeEnds(outcomes.map(saidByMail));
  }

  writeSyncOutcomes(outcomes: readonly SyncOutcomePayload[]): Promise<void> {
    return this.writeEnds(outcomes.map(saidBySync));
  }

  private async writeEnds(outcomes: readonly Said[]): Promise<void> {
    await this.unitOfWork.run(async (tx) => {
      for (const group of withoutRepeats(outcomes)) await tx.query(WRITE, columnsOf(group));
      await endOperations(
        tx,
        outcomes.map(({ eventId }) => eventId),
      );
    });
  }

  /** What the rules made of events; an event that nobody has spoken of yet is missing. */
  async ofEvents(
    scope: Scope,
    eventIds: readonly string[],
  ): Promise<Map<string, Omit<NotificationsOut, 'eventId'>>> {
    const params = [scope.partnerId, eventIds];
    // The decision first: whatever it decided stands when the actions are read, so that none looks processed too early.
    const decided = await this.unitOfWork.query<{ event_id: string }>(
      'SELECT event_id FROM event_decision WHERE partner_id = $1 AND event_id = ANY($2::uuid[])',
      params,
    );
    const rows = await this.unitOfWork.query<ActionRow>(
      `SELECT event_id, rule_id, rule_name, action, state, reason, message, provider, ticket_id, ticket_number, problem, at
       FROM event_action WHERE partner_id = $1 AND event_id = ANY($2::uuid[]) ORDER BY event_id, at, request_id`,
      params,
    );
    const byEvent = new Map<string, ActionRow[]>();
    for (const row of rows) byEvent.set(row.event_id, [...(byEvent.get(row.event_id) ?? []), row]);
    const isDecided = new Set(decided.map((row) => row.event_id));
    return new Map(
      [...new Set([...byEvent.keys(), ...isDecided])].map((eventId) => {
        const made = byEvent.get(eventId) ?? [];
        const isDone = isDecided.has(eventId) && made.every(({ state }) => state !== 'pending');
        const notificationProcessedErrors = made.flatMap(errorOf);
        const state = isDone ? 'processed' : 'accepted';
        return [eventId, { state, actions: made.map(actionOf), notificationProcessedErrors }];
      }),
    );
  }

  async notificationsOf(scope: Scope, eventId: string): Promise<NotificationsOut> {
    const made = (await this.ofEvents(scope, [eventId])).get(eventId);
    return { eventId, ...(made ?? { state: 'accepted', actions: [], notificationProcessedErrors: [] }) };
  }
}

/** One statement may touch a row once only: what speaks of it again goes into the next group. Each group in key order. */
function withoutRepeats(said: readonly Said[]): Said[][] {
  const groups: Map<string, Said>[] = [];
  for (const one of said) {
    const key = `${one.eventId}/${one.requestId}`;
    const free = groups.find((group) => !group.has(key));
    if (free) free.set(key, one);
    else groups.push(new Map([[key, one]]));
  }
  return groups.map((group) => [...group].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one));
}

function columnsOf(said: readonly Said[]): unknown[][] {
  const names = [
    'eventId', 'requestId', 'partnerId', 'ruleId', 'ruleName', 'action', 'state', 'reason', 'message', 'provider',
    'ticketId', 'ticketNumber', 'at', 'operationId',
  ] as const; // prettier-ignore
  return names.map((name) => said.map((one) => one[name] ?? null));
}

function errorOf(row: ActionRow): ProcessedError[] {
  if (row.problem === null) return [];
  const { ruleId, ruleName, action, state, reason, at } = actionOf(row);
  return [{ ruleId, ruleName, action, state, reason, message: row.problem, at }];
}

function actionOf(row: ActionRow): ActionOut {
  return {
    ruleId: row.rule_id,
    ruleName: row.rule_name ?? '',
    action: row.action ?? '',
    state: row.state,
    reason: row.reason,
    message: row.message,
    ...(row.provider !== null && { provider: row.provider }),
    ...(row.ticket_id !== null && { ticketId: row.ticket_id }),
    ...(row.ticket_number !== null && { ticketNumber: row.ticket_number }),
    at: row.at.toISOString(),
  };
}
