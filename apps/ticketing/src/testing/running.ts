import {
  type AccountNo,
  type EventId,
  type Marker,
  markerFor,
  type PartnerId,
  type RuleId,
  uuidFrom,
  uuidv7,
} from '@backhaul/domain';
import {
  accountsAccounts,
  accountsConnections,
  accountsCustomerMap,
  accountsCustomers,
  autotaskTicketRequests,
  connectwiseTicketRequests,
  type Provider,
  Publisher,
  type TicketOutcomePayload,
  type TicketRequestPayload,
  type Topic,
  toRecord,
} from '@backhaul/messaging';
import { COMPANY, startSimulatorProcess, type SimulatorProcess } from '@backhaul/psa/testing';
import {
  buildTicketRequest,
  emptyDatabase,
  eventually,
  runProgram,
  runService,
  serviceUrlOf,
  type RunningService,
  testKafka,
  type TestKafka,
} from '@backhaul/testing';
import pg from 'pg';
import { callerOf, SERVICE_KEY } from './caller.js';
import { connectionOf, KEK, type Over, type SimulatedTicket, type Subject } from './subject.js';

const CUSTOMER = 34826;
const RULE = uuidFrom('rule') as RuleId;
/** A marked creation may be repeated after: begin, request, search lag and tolerance. */
export const SETTLE_MS = 1000 + 1500 + 500 + 1000;

/** Ticketing for one PSA as it is in production: its own process, real PostgreSQL and Kafka, the simulator beside it. */
export class RunningTicketing {
  /** Base64. */
  readonly kek = KEK;
  service!: RunningService;
  readonly outcomes = new Map<string, TicketOutcomePayload>();
  private nextAccount = 80202028;
  private readonly stops: (() => Promise<void>)[] = [];

  private constructor(
    readonly provider: Provider,
    readonly simulator: SimulatorProcess,
    private readonly kafka: TestKafka,
    private readonly database: Awaited<ReturnType<typeof emptyDatabase>>,
    private readonly publisher: Publisher,
    private readonly db: pg.Pool,
  ) {}

  static async start(provider: Provider): Promise<RunningTicketing> {
    const [simulator, kafka, database] = await Promise.all([
      startSimulatorProcess(),
      testKafka(),
      emptyDatabase(),
    ]);
    const publisher = new Publisher(kafka.kafka, { prefix: kafka.prefix });
    const db = new pg.Pool({ connectionString: database.url, max: 2 });
    const running = new RunningTicketing(provider, simulator, kafka, database, publisher, db);
    const logins = { DATABASE_URL: serviceUrlOf(database.url), MIGRATION_DATABASE_URL: database.url };
    await runProgram('ticketing', 'migrate.js', logins);
    await running.readOutcomes();
    await running.boot();
    return running;
  }

  /** Starts the service, or one more of it. */
  async boot(env: Record<string, string> = {}): Promise<RunningService> {
    this.service = await runService('ticketing', {
      PSA: this.provider,
      DATABASE_URL: serviceUrlOf(this.database.url),
      KAFKA_BROKERS: this.kafka.brokers.join(','),
      KAFKA_TOPIC_PREFIX: this.kafka.prefix,
      SERVICE_TOKEN_KEY: SERVICE_KEY,
      KEY_ENCRYPTION_KEY: KEK,
      EGRESS_ALLOW: '127.0.0.1/32',
      PSA_REQUEST_TIMEOUT_MS: '1500',
      PSA_SEARCH_LAG_MS: '500',
      PSA_MAX_PER_MINUTE: '60000',
      LANE_LEASE_MS: '6000',
      BREAKER_RESET_MS: '400',
      RECONCILE_EVERY_MS: '2000',
      ...env,
    });
    return this.service;
  }

  async close(): Promise<void> {
    await this.service.stop();
    for (const stop of this.stops) await stop();
    await this.publisher.close();
    await this.db.end();
    await Promise.all([this.simulator.close(), this.kafka.close(), this.database.drop()]);
  }

  private async readOutcomes(): Promise<void> {
    await this.publisher.connect();
    const consumer = this.kafka.kafka.consumer({ groupId: `${this.kafka.prefix}reader` });
    await consumer.connect();
    await consumer.subscribe({ topics: [`${this.kafka.prefix}ticket.outcomes.v1`], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message }) => {
        const outcome = JSON.parse(message.value?.toString() ?? '{}') as TicketOutcomePayload;
        // As ingestion has it: the last word is never replaced by an earlier one that comes late.
        if (outcome.state !== 'pending' || !this.outcomes.has(outcome.requestId))
          this.outcomes.set(outcome.requestId, outcome);
      },
    });
    this.stops.push(() => consumer.disconnect());
  }

  /** A partner with a connection, a mapped customer and an account. */
  async subject(): Promise<Subject> {
    const partnerId = uuidv7(Date.now());
    const subject = { partnerId, connectionId: uuidv7(Date.now()), accountNo: this.nextAccount++ };
    const { accountNo } = subject;
    await this.send(
      accountsCustomers,
      { partnerId, custId: CUSTOMER, brandId: null, name: 'ACME Corp' },
      partnerId,
    );
    await this.send(accountsAccounts, { partnerId, accountNo, custId: CUSTOMER, brandId: null, username: 'acme-backup', hostName: null }, partnerId); // prettier-ignore
    const psaCompanyId = COMPANY[this.provider];
    await this.send(
      accountsCustomerMap,
      { partnerId, provider: this.provider, custId: CUSTOMER, psaCompanyId },
      partnerId,
    );
    await this.connect(subject);
    await eventually(
      async () => {
        const { rowCount } = await this.db.query(
          'SELECT 1 FROM psa_connection JOIN customer_map USING (partner_id) JOIN known_account USING (partner_id) WHERE partner_id = $1',
          [partnerId],
        );
        return rowCount === 1;
      },
      { timeoutMs: 30_000 },
    );
    return subject;
  }

  /** One more account of the same partner and customer: a lane of its own. */
  async another(subject: Subject): Promise<Subject> {
    const accountNo = this.nextAccount++;
    const { partnerId } = subject;
    await this.send(accountsAccounts, { partnerId, accountNo, custId: CUSTOMER, brandId: null, username: `acme-${accountNo}`, hostName: null }, partnerId); // prettier-ignore
    await eventually(
      async () =>
        (await this.query('SELECT 1 FROM known_account WHERE account_no = $1', [accountNo])).length === 1,
    );
    return { ...subject, accountNo };
  }

  /** Waits until the service knows this version of the connection. */
  async knows({ connectionId }: Subject, version: string): Promise<void> {
    const sql = 'SELECT 1 FROM psa_connection WHERE connection_id = $1 AND version = $2';
    await eventually(async () => (await this.query(sql, [connectionId, version])).length === 1);
  }

  async connect({ partnerId, connectionId }: Subject, over: Over = {}): Promise<void> {
    await this.send(accountsConnections, this.payloadOf({ partnerId, connectionId }, over), partnerId);
  }

  /** What accounts sends when it asks about a link of its own. */
  linkOf({ partnerId, connectionId }: Subject): object {
    const { endpoint, sealedSecret } = this.payloadOf({ partnerId, connectionId }, {});
    return { partnerId, connectionId, endpoint, sealedSecret, egress: [] };
  }

  /** Waits until the service has settings with this prefix. */
  async settings({ connectionId }: Subject, prefix: string): Promise<void> {
    const sql = 'SELECT 1 FROM psa_connection WHERE connection_id = $1 AND ticketing LIKE $2';
    await eventually(async () => (await this.query(sql, [connectionId, `%${prefix}%`])).length === 1);
  }

  /** One more customer of the same partner, without an account. */
  async customer({ partnerId }: Subject, custId: number, name: string): Promise<void> {
    await this.send(accountsCustomers, { partnerId, custId, brandId: null, name }, partnerId);
    const sql = 'SELECT 1 FROM known_customer WHERE partner_id = $1 AND cust_id = $2';
    await eventually(async () => (await this.query(sql, [partnerId, custId])).length === 1);
  }

  private payloadOf(subject: Omit<Subject, 'accountNo'>, over: Over) {
    return connectionOf(this.provider, `${this.simulator.url}/${this.provider}`, subject, over);
  }

  /** An event of that account, as notifications asks for it; answers the request. */
  async request(
    { partnerId, accountNo }: Subject,
    intent: 'raise' | 'resolve',
    severity: TicketRequestPayload['severity'] = intent === 'raise' ? 'ERROR' : 'OK',
  ): Promise<TicketRequestPayload> {
    const eventId = uuidv7(Date.now());
    const request = buildTicketRequest({
      requestId: uuidFrom(eventId, RULE, this.provider),
      eventId,
      ruleId: RULE,
      partnerId,
      accountNo,
      custId: CUSTOMER,
      intent,
      severity,
    });
    await this.resend(request);
    return request;
  }

  async resend(request: TicketRequestPayload): Promise<void> {
    const topic = this.provider === 'connectwise' ? connectwiseTicketRequests : autotaskTicketRequests;
    await this.send(topic, request, request.partnerId);
  }

  private async send<P extends object>(topic: Topic<P>, payload: P, partnerId: string): Promise<void> {
    const id = uuidv7(Date.now());
    const occurredAt = new Date().toISOString();
    const envelope = { id, partnerId, correlationId: id, causationId: null, occurredAt };
    await this.publisher.send([toRecord(topic, payload, envelope)]);
  }

  markerOf({ partnerId, accountNo, eventId }: TicketRequestPayload): Marker {
    return markerFor(partnerId as PartnerId, accountNo as AccountNo, RULE, eventId as EventId);
  }

  async tickets(opening?: TicketRequestPayload): Promise<SimulatedTicket[]> {
    const marker = opening ? `&marker=${this.markerOf(opening)}` : '';
    const answer = await this.simulator.admin('GET', `/admin/tickets?provider=${this.provider}${marker}`);
    return (answer as { items: SimulatedTicket[] }).items;
  }

  fault(fault: Record<string, unknown>): Promise<unknown> {
    return this.simulator.admin('POST', '/admin/faults', { provider: this.provider, times: 1, ...fault });
  }

  async asHuman(
    id: string,
    action: 'close' | 'delete' | 'merge' | 'move' | 'child',
    into?: string,
  ): Promise<void> {
    const body = { action, ...(into !== undefined && { into }) };
    await this.simulator.admin('POST', `/admin/tickets/${this.provider}/${id}`, body);
  }

  /** Waits for the last word on a request, and answers it as `state reason`. */
  async outcome(request: TicketRequestPayload, timeoutMs = 60_000): Promise<string> {
    return eventually(
      () => {
        const said = this.outcomes.get(request.requestId);
        return said !== undefined && said.state !== 'pending' && `${said.state} ${said.reason}`;
      },
      { timeoutMs },
    );
  }

  /** That partner at the service's own API. */
  callerOf({ partnerId }: Subject) {
    return callerOf(this.service.url, this.provider, partnerId as PartnerId);
  }

  /** What is left to do: nothing, once all is well. */
  async leftovers(): Promise<Record<string, number>> {
    const { rows } = await this.db.query<Record<string, number>>(
      `SELECT (SELECT count(*)::int FROM outbox) AS outbox,
              (SELECT count(*)::int FROM lane WHERE state <> 'idle') AS lanes,
              (SELECT count(*)::int FROM command WHERE status IN ('planned', 'sending', 'unknown')) AS commands,
              (SELECT count(*)::int FROM (SELECT FROM incident WHERE state = 'open' GROUP BY account_no, incident_key HAVING count(*) > 1) d) AS doubles`,
    );
    return rows[0] ?? {};
  }

  async query<R extends pg.QueryResultRow>(sql: string, params: unknown[] = []): Promise<R[]> {
    return (await this.db.query<R>(sql, params)).rows;
  }
}
