import { crashPoint, type Provider, type TicketRequestPayload } from '@backhaul/messaging';
import {
  claimInbox,
  noteOvertaken,
  type OutboxMessage,
  publishAll,
  type Tx,
  type UnitOfWork,
} from '@backhaul/persistence';
import type { ConnectionRepository, KnownConnection } from '../connections/connection.repository.js';
import { FoldBatch } from './fold-batch.js';
import type { IncidentRepository, LaneSeed } from './incident.repository.js';
import { orderKeyOf } from './order-key.js';
import { type OutcomeFacts, outcomeMessage, type WaitingRequest } from './outcome.js';

/** A request with where it stood in its topic. */
export interface ArrivedRequest extends TicketRequestPayload {
  offset?: string;
  /** It was set aside, and newer ones of its problem were folded since. */
  isOvertaken?: boolean;
}

const CONSUMER = 'ticket-requests';

const EARLY: Record<string, Pick<OutcomeFacts, 'state' | 'reason' | 'message'>> = {
  nothing_open: {
    state: 'skipped',
    reason: 'nothing_open',
    message: 'Nothing was open that this could resolve.',
  },
  same_event: { state: 'done', reason: 'noted', message: 'Another rule has acted on this event already.' },
  already_resolved: {
    state: 'skipped',
    reason: 'already_resolved',
    message: 'The problem is resolved; its ticket stays as it is.',
  },
  self_healed: {
    state: 'superseded',
    reason: 'self_healed',
    message: 'Resolved before a ticket was opened.',
  },
};

/** Turns requests into incidents and commands: find, decide, record, tell; the PSA itself is the dispatcher's business. */
export class FoldRequestsHandler {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly incidents: IncidentRepository,
    private readonly connections: ConnectionRepository,
    private readonly provider: Provider,
    private readonly onWork: () => void,
  ) {}

  async handle(requests: readonly ArrivedRequest[]): Promise<void> {
    const hasWork = await this.unitOfWork.run(async (tx) => {
      const fresh = await claimInbox(
        tx,
        CONSUMER,
        requests.map((request) => request.requestId),
      );
      const wanted = onceEach(requests.filter((request) => fresh.has(request.requestId)));
      const isWork = wanted.length > 0 && (await this.fold(tx, wanted));
      await noteOvertaken(tx, wanted.flatMap(handledOf)); // prettier-ignore
      crashPoint('fold.before-commit');
      return isWork;
    });
    crashPoint('fold.after-commit');
    if (hasWork) this.onWork();
  }

  private async fold(tx: Tx, requests: readonly ArrivedRequest[]): Promise<boolean> {
    const connections = await this.connections.ofPartners(tx, [
      ...new Set(requests.map((request) => request.partnerId)),
    ]);
    const messages: OutboxMessage[] = [];
    const accepted: { request: TicketRequestPayload; lane: LaneSeed }[] = [];
    for (const request of requests) {
      const connection = connections.get(request.partnerId);
      const refusal = refusalOf(connection, request);
      if (!connection || refusal)
        messages.push(this.outcome(request, request, await clockOf(tx), refusal ?? NOT_CONNECTED));
      else accepted.push({ request, lane: laneOf(connection, request) });
    }
    if (accepted.length > 0) messages.push(...(await this.foldAccepted(tx, accepted)));
    await publishAll(tx, messages);
    return accepted.length > 0;
  }

  private async foldAccepted(
    tx: Tx,
    accepted: readonly { request: TicketRequestPayload; lane: LaneSeed }[],
  ): Promise<OutboxMessage[]> {
    await this.incidents.lockLanes(tx, [
      ...new Map(accepted.map(({ lane }) => [lane.laneKey, lane])).values(),
    ]);
    const places = new Map(
      accepted.map(({ request }) => [
        `${request.accountNo}|${request.incidentKey}`,
        { accountNo: request.accountNo, key: request.incidentKey },
      ]),
    );
    const batch = new FoldBatch(await this.incidents.load(tx, [...places.values()]));
    for (const { request, lane } of accepted) batch.add(request, lane.laneKey, lane.connectionId);
    const released = await this.incidents.save(tx, batch);
    if (batch.outcomes.length + released.length === 0) return [];
    // After the lanes' lock: later than whatever the dispatcher has said of them.
    const now = await clockOf(tx);
    return [
      ...batch.outcomes.map(({ request, reason, ticketId, ticketNumber, incidentId }) =>
        this.outcome(request, request, now, {
          ...{ ...earlyOf(reason), ticketId, ticketNumber },
          ...(incidentId !== null && { incidentId }),
        }),
      ),
      ...released.map((waiter) => this.outcome(waiter, waiter, now, earlyOf('self_healed'))),
    ];
  }

  private outcome(
    request: WaitingRequest,
    { partnerId, accountNo }: { partnerId: string; accountNo: number },
    at: Date,
    facts: Pick<OutcomeFacts, 'state' | 'reason' | 'message'> &
      Partial<Pick<OutcomeFacts, 'ticketId' | 'ticketNumber' | 'incidentId'>>,
  ): OutboxMessage {
    const { requestId, eventId, ruleId } = request;
    return outcomeMessage(
      { requestId, eventId, ruleId },
      { ticketId: null, ticketNumber: null, ...facts, partnerId, accountNo, provider: this.provider, at },
    );
  }
}

async function clockOf(tx: Tx): Promise<Date> {
  const [row] = await tx.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  if (!row) throw new Error('PostgreSQL does not tell the time');
  return row.now;
}

const NOT_CONNECTED = {
  state: 'skipped',
  reason: 'not_connected',
  message: 'No connection to this PSA is set up.',
} as const;
const DISABLED = {
  state: 'skipped',
  reason: 'disabled',
  message: 'The integration is switched off.',
} as const;
const OVERTAKEN = {
  state: 'superseded',
  reason: 'overtaken',
  message: 'It was set aside, and what came after it has been handled since.',
} as const;
const DO_NOT_MAP = {
  state: 'skipped',
  reason: 'do_not_map',
  message: 'Ticketing is disabled: the queue is set to Do Not Map.',
} as const;

function earlyOf(reason: string): Pick<OutcomeFacts, 'state' | 'reason' | 'message'> {
  return EARLY[reason] ?? { state: 'skipped', reason, message: null };
}

/** Closing always happens, also when tickets are no longer wanted; only opening can be refused. */
function refusalOf(connection: KnownConnection | undefined, { intent, isOvertaken }: ArrivedRequest) {
  if (isOvertaken) return OVERTAKEN;
  if (!connection) return NOT_CONNECTED;
  if (!connection.isEnabled && intent === 'raise') return DISABLED;
  return connection.ticketing.queueId === null && intent === 'raise' ? DO_NOT_MAP : null;
}

function laneOf(
  { connectionId }: KnownConnection,
  { partnerId, custId, accountNo }: TicketRequestPayload,
): LaneSeed {
  return { laneKey: `${connectionId}|${accountNo}`, connectionId, partnerId, custId, accountNo };
}

const handledOf = ({ offset, ...request }: ArrivedRequest) =>
  offset === undefined ? [] : [{ orderKey: orderKeyOf(request), place: offset }];

/** A batch may hold a request twice; the inbox answers it once. */
function onceEach(requests: readonly ArrivedRequest[]): ArrivedRequest[] {
  return [...new Map(requests.map((request) => [request.requestId, request])).values()];
}
