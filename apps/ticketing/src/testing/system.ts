import { uuidFrom } from '@backhaul/domain';
import type { ConnectionPayload, TicketOutcomePayload, TicketRequestPayload } from '@backhaul/messaging';
import { UnitOfWork } from '@backhaul/persistence';
import { buildTicketRequest, testDatabase, type TestDatabase } from '@backhaul/testing';
import CircuitBreaker from 'opossum';
import { ConnectionRepository } from '../connections/connection.repository.js';
import type { OpenedPort } from '../connections/ticket-ports.js';
import { FoldRequestsHandler } from '../incidents/fold-requests.handler.js';
import { IncidentRepository } from '../incidents/incident.repository.js';
import { ExecuteHeadHandler } from '../lanes/execute-head.handler.js';
import { LaneRepository, type Lease } from '../lanes/lane.repository.js';
import { RecordRepository } from '../lanes/record.repository.js';
import { MIGRATIONS } from '../migrations.js';
import type { FaultyPsa } from './faulty-psa.js';

export const idOf = (what: string): string => uuidFrom('test', what);
export const PARTNER = idOf('partner');
export const ACCOUNT = 80202028;
const REOPEN_WITHIN_HOURS = 7 * 24;

export function buildConnection(over: Partial<ConnectionPayload> = {}): ConnectionPayload {
  return {
    connectionId: idOf(`connection of ${over.partnerId ?? PARTNER}`),
    partnerId: PARTNER,
    provider: 'connectwise',
    version: '1',
    endpoint: { siteUrl: 'http://psa.example' },
    sealedSecret: 'sealed',
    isEnabled: true,
    ticketing: {},
    ...over,
  };
}

/** The parts of ticketing over a database of the suite's own, with PSAs in memory. */
export class TestSystem {
  readonly unitOfWork: UnitOfWork;
  readonly connections: ConnectionRepository;
  readonly lanes: LaneRepository;
  readonly foldRequests: FoldRequestsHandler;
  readonly executeHead: ExecuteHeadHandler;
  duplicates = 0;
  private readonly psas = new Map<string, OpenedPort>();

  private constructor(
    readonly database: TestDatabase,
    readonly leaseMs: number,
  ) {
    const { dataSource } = database;
    this.unitOfWork = new UnitOfWork(dataSource);
    this.connections = new ConnectionRepository(
      dataSource,
      { maxRatePerMinute: 60_000, maxInFlight: 4 },
      'connectwise',
    );
    this.lanes = new LaneRepository(dataSource, REOPEN_WITHIN_HOURS);
    this.executeHead = this.executeHeadWith(this.unitOfWork);
    this.foldRequests = this.foldOf();
  }

  /** One that records by that unit of work. */
  executeHeadWith(unitOfWork: UnitOfWork, looksFirst = false): ExecuteHeadHandler {
    return new ExecuteHeadHandler(
      this.lanes,
      this.connections,
      new RecordRepository(unitOfWork, 'connectwise'),
      this.ports,
      { breakerResetMs: 30_000, leaseMs: this.leaseMs, looksFirst },
      { called: () => undefined, duplicates: (count) => (this.duplicates += count) },
    );
  }

  static async start(leaseMs = 60_000): Promise<TestSystem> {
    return new TestSystem(await testDatabase({ migrations: MIGRATIONS }), leaseMs);
  }

  readonly ports = {
    of: ({ connectionId }: { connectionId: string }): OpenedPort => {
      const opened = this.psas.get(connectionId);
      if (!opened) throw new Error(`No PSA stands behind ${connectionId}`);
      return opened;
    },
  };

  foldOf(): FoldRequestsHandler {
    const incidents = new IncidentRepository(REOPEN_WITHIN_HOURS);
    return new FoldRequestsHandler(
      this.unitOfWork,
      incidents,
      this.connections,
      'connectwise',
      () => undefined,
    );
  }

  async close(): Promise<void> {
    for (const { breaker } of this.psas.values()) breaker.shutdown();
    await this.database.close();
  }

  async empty(): Promise<void> {
    await this.query(
      'TRUNCATE command_request, command, lane, incident_entry, incident, psa_connection, customer_map, known_account, known_customer, inbox, outbox',
    );
  }

  query<R = Record<string, unknown>>(sql: string, params: unknown[] = []): Promise<R[]> {
    return this.unitOfWork.query<R>(sql, params);
  }

  /** Connects a partner to that PSA and maps its customer to company 250. */
  async connect(psa: FaultyPsa, over: Partial<ConnectionPayload> = {}): Promise<ConnectionPayload> {
    const connection = buildConnection(over);
    this.psas.get(connection.connectionId)?.breaker.shutdown();
    this.psas.set(connection.connectionId, { port: psa.port(), breaker: breakerOf() });
    await this.unitOfWork.run((tx) => this.connections.save(tx, connection));
    await this.map(connection.partnerId, '250');
    return connection;
  }

  async map(partnerId: string, companyId: string | null): Promise<void> {
    await this.query(
      'INSERT INTO customer_map VALUES ($1, 34826, $2) ON CONFLICT (partner_id, cust_id) DO UPDATE SET psa_company_id = excluded.psa_company_id',
      [partnerId, companyId],
    );
  }

  /** Requests by what their events are called; the same name is the same event. */
  request(event: string, over: Partial<TicketRequestPayload> = {}): TicketRequestPayload {
    const rule = over.ruleId ?? idOf('rule');
    const isHealed = over.intent === 'resolve';
    return buildTicketRequest({
      requestId: uuidFrom(idOf(event), rule, 'connectwise'),
      eventId: idOf(event),
      ruleId: rule,
      partnerId: PARTNER,
      accountNo: ACCOUNT,
      ...(isHealed && { severity: 'OK' }),
      ...over,
    });
  }

  raise(event: string, over: Partial<TicketRequestPayload> = {}): Promise<void> {
    return this.foldRequests.handle([this.request(event, over)]);
  }

  resolve(event: string, over: Partial<TicketRequestPayload> = {}): Promise<void> {
    return this.foldRequests.handle([this.request(event, { ...over, intent: 'resolve' })]);
  }

  claim(limit = 50): Promise<Lease[]> {
    return this.lanes.claim(limit, this.leaseMs);
  }

  /** Works until nothing is due; what waits for a later time stays. */
  async drain(executeHead = this.executeHead): Promise<void> {
    for (let round = 0; round < 200; round += 1) {
      const leases = await this.claim();
      if (leases.length === 0) return;
      await Promise.all(leases.map((lease) => executeHead.handle(lease)));
    }
    throw new Error('Lanes never come to rest');
  }

  /** Lets time pass for lanes, commands, connections and leases. */
  async pass(ms: number): Promise<void> {
    const by = [ms];
    await this.query(
      `UPDATE lane SET next_attempt_at = next_attempt_at - $1 * interval '1 ms', lease_until = lease_until - $1 * interval '1 ms'`,
      by,
    );
    await this.query(
      `UPDATE command SET sent_at = sent_at - $1 * interval '1 ms', finished_at = finished_at - $1 * interval '1 ms'`,
      by,
    );
    await this.query(
      `UPDATE psa_connection SET breaker_until = breaker_until - $1 * interval '1 ms', resume_at = resume_at - $1 * interval '1 ms',
         ramped_at = ramped_at - $1 * interval '1 ms', tokens_at = tokens_at - $1 * interval '1 ms'`,
      by,
    );
    await this.query(
      `UPDATE incident SET resolved_at = resolved_at - $1 * interval '1 ms', opened_at = opened_at - $1 * interval '1 ms',
         checked_at = checked_at - $1 * interval '1 ms'`,
      by,
    );
  }

  async outcomes(): Promise<Pick<TicketOutcomePayload, 'eventId' | 'state' | 'reason'>[]> {
    const rows = await this.query<{ payload: string }>(
      "SELECT payload FROM outbox WHERE topic = 'ticket.outcomes.v1' ORDER BY xid, seq",
    );
    return rows.map(({ payload }) => JSON.parse(payload) as TicketOutcomePayload);
  }

  /** The newest word on each event. */
  async lastOutcomes(): Promise<Record<string, string>> {
    const said = (await this.outcomes()).map(({ eventId, state, reason }) => [eventId, `${state} ${reason}`]);
    return Object.fromEntries(said) as Record<string, string>;
  }

  connection(connectionId = buildConnection().connectionId) {
    return this.query<{
      breaker: string;
      trouble: string | null;
      opens: number;
      waitMs: number;
      ratePerMinute: number;
      pauseMs: number;
    }>(
      `SELECT breaker, trouble, breaker_opens AS opens, rate_per_minute AS "ratePerMinute",
              CASE WHEN breaker_until > '-infinity' THEN extract(epoch FROM breaker_until - clock_timestamp()) * 1000 ELSE 0 END::float AS "waitMs",
              CASE WHEN resume_at > '-infinity' THEN extract(epoch FROM resume_at - clock_timestamp()) * 1000 ELSE 0 END::float AS "pauseMs"
       FROM psa_connection WHERE connection_id = $1`,
      [connectionId],
    );
  }
}

const breakerOf = () =>
  new CircuitBreaker<[() => Promise<unknown>], unknown>((work) => work(), {
    timeout: false,
    volumeThreshold: 10,
    errorThresholdPercentage: 50,
    rollingCountTimeout: 60_000,
    rollingPercentilesEnabled: false,
    enableSnapshots: false,
  });
