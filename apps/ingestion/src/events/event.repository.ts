import { type CanonicalEvent, wholePartner } from '@backhaul/domain';
import { type Scope, UnitOfWork, withinScope } from '@backhaul/persistence';
import { Injectable } from '@nestjs/common';
import { TABLES } from '../accounts/scope-tables.js';
import type { EventActionRepository, NotificationsOut } from '../outcomes/event-action.repository.js';

/** An event as it stands in the log. */
export interface LoggedEvent {
  event: CanonicalEvent;
  replays: number;
  lastReplayAt: Date | null;
}

export type EventOut = CanonicalEvent & {
  replays: number;
  lastReplayAt: string | null;
} & Omit<NotificationsOut, 'eventId'>;

/** What an index finds; anything else is searched for. */
export interface EventFilter {
  accountNo?: number | undefined;
  /** Bounds of event ids, which sort by the time of receipt. */
  fromId?: string | undefined;
  toId?: string | undefined;
  beforeId?: string | undefined;
}

interface EventRow {
  body: string;
  detail: string | null;
  replays: number | null;
  last_replay_at: Date | null;
}

const SELECT = `SELECT e.body, e.detail, r.replays, r.last_replay_at
  FROM event e LEFT JOIN event_replay r ON r.event_id = e.event_id`;
const OF_EVENT = { partner: 'e.partner_id', customer: 'e.cust_id', account: 'e.account_no' };
const OF_ACCOUNT = { partner: 'a.partner_id', customer: 'a.cust_id', account: 'a.account_no' };
const COUNTED_UP_TO = 10_001;

@Injectable()
export class EventRepository {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly actions: EventActionRepository,
  ) {}

  async find(scope: Scope, eventId: string): Promise<LoggedEvent | null> {
    const params: unknown[] = [eventId];
    const where = withinScope(scope, TABLES, OF_EVENT, params);
    const [row] = await this.unitOfWork.query<EventRow>(
      `${SELECT} WHERE ${where} AND e.event_id = $1 AND NOT e.is_discarded`,
      params,
    );
    return row ? loggedEventOf(row) : null;
  }

  /** Whether there is such an account within the scope, with events or without. */
  async isAccountSeen(scope: Scope, accountNo: number): Promise<boolean> {
    const params: unknown[] = [accountNo];
    const where = withinScope(scope, TABLES, OF_ACCOUNT, params);
    const found = await this.unitOfWork.query(
      `SELECT 1 FROM account a WHERE ${where} AND a.account_no = $1`,
      params,
    );
    return found.length > 0;
  }

  /** Events with an account, newest first. */
  async list(scope: Scope, filter: EventFilter, limit: number): Promise<LoggedEvent[]> {
    const { where, params } = whereOf(scope, filter);
    const rows = await this.unitOfWork.query<EventRow>(
      `${SELECT} WHERE ${where} ORDER BY e.event_id DESC LIMIT ${Number(limit)}`,
      params,
    );
    return rows.map(loggedEventOf);
  }

  /** These, in this order; what is out of sight is left out. */
  async byIds(scope: Scope, eventIds: readonly string[]): Promise<LoggedEvent[]> {
    const params: unknown[] = [eventIds];
    const where = withinScope(scope, TABLES, OF_EVENT, params);
    const rows = await this.unitOfWork.query<EventRow>(
      `${SELECT} WHERE ${where} AND e.event_id = ANY($1::uuid[]) ORDER BY e.event_id DESC`,
      params,
    );
    return rows.map(loggedEventOf);
  }

  /** Counts up to 10,001. */
  async count(scope: Scope, filter: EventFilter): Promise<number> {
    const { where, params } = whereOf(scope, filter);
    const [row] = await this.unitOfWork.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM (SELECT 1 FROM event e WHERE ${where} LIMIT ${COUNTED_UP_TO}) counted`,
      params,
    );
    return row?.count ?? 0;
  }

  /** With what the rules made of them. */
  async withActions(scope: Scope, events: readonly LoggedEvent[]): Promise<EventOut[]> {
    const made = await this.actions.ofEvents(
      scope,
      events.map(({ event }) => event.eventId),
    );
    return events.map(({ event, replays, lastReplayAt }) => ({
      ...event,
      replays,
      lastReplayAt: lastReplayAt?.toISOString() ?? null,
      ...(made.get(event.eventId) ?? { actions: [], notificationProcessedErrors: [], state: 'accepted' }),
    }));
  }

  /** One event, its actions, and whether all of them are done with. */
  async withState(logged: LoggedEvent): Promise<EventOut> {
    const [event] = await this.withActions(wholePartner(logged.event.tenant.partnerId), [logged]);
    if (!event) throw new Error('An event without itself');
    return event;
  }
}

function whereOf(scope: Scope, filter: EventFilter): { where: string; params: unknown[] } {
  const params: unknown[] = [];
  const where = [withinScope(scope, TABLES, OF_EVENT, params), 'e.bucket IS NOT NULL'];
  const add = (condition: string, value: unknown): void => {
    if (value === undefined) return;
    params.push(value);
    where.push(`${condition} $${params.length}`);
  };
  add('e.account_no =', filter.accountNo);
  add('e.event_id >=', filter.fromId);
  add('e.event_id <', filter.toId);
  add('e.event_id <', filter.beforeId);
  return { where: where.join(' AND '), params };
}

export function loggedEventOf(row: EventRow): LoggedEvent {
  const body = JSON.parse(row.body) as CanonicalEvent;
  const detail = row.detail === null ? {} : (JSON.parse(row.detail) as Partial<CanonicalEvent>);
  return { event: { ...body, ...detail }, replays: row.replays ?? 0, lastReplayAt: row.last_replay_at };
}
