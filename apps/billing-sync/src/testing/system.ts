import { uuidFrom } from '@backhaul/domain';
import type {
  ConnectionPayload,
  Provider,
  SyncOutcomePayload,
  SyncRequestPayload,
} from '@backhaul/messaging';
import { UnitOfWork } from '@backhaul/persistence';
import type { BackupStatistics, CompanyLink, PushResult } from '@backhaul/psa';
import { buildEvent, testDatabase, type TestDatabase } from '@backhaul/testing';
import { ConnectionRepository } from '../connections/connection.repository.js';
import type { StatisticsPorts } from '../connections/statistics-ports.js';
import { MIGRATIONS } from '../migrations.js';
import { CountResultsHandler } from '../results/count-results.handler.js';
import { FiguresRepository } from '../results/figures.repository.js';
import { AcceptRequestsHandler } from '../syncs/accept-requests.handler.js';
import { OrderSyncHandler } from '../syncs/order-sync.handler.js';
import { PushCustomerHandler } from '../syncs/push-customer.handler.js';
import { type Lease, PushRepository } from '../syncs/push.repository.js';
import { SettleWaitingHandler } from '../syncs/settle-waiting.handler.js';
import { SyncRepository } from '../syncs/sync.repository.js';

export const idOf = (what: string): string => uuidFrom('test', what);
export const PARTNER = idOf('partner');
export const CUSTOMER = 34826;
export const ACCOUNT = 80202028;
const BEFORE: BackupStatistics = { successfulBackupJobs: 0, failedBackupJobs: 0 };

/** A PSA in memory that notes what it is told, and does what `answer` says. */
export class RecordingPsa implements Pick<StatisticsPorts, 'push'> {
  readonly calls: { custId: number; figures: BackupStatistics }[] = [];
  answer: (call: number) => Promise<PushResult> | PushResult = () => ({
    state: 'pushed',
    reportId: '9',
    before: BEFORE,
  });

  async push(_link: unknown, { custId }: CompanyLink, figures: BackupStatistics): Promise<PushResult> {
    this.calls.push({ custId, figures });
    return this.answer(this.calls.length);
  }
}

/** The parts of billing-sync over a database of the suite's own, with the PSA in memory. */
export class TestSystem {
  readonly psa = new RecordingPsa();
  readonly unitOfWork: UnitOfWork;
  readonly connections: ConnectionRepository;
  readonly pushes: PushRepository;
  readonly push: PushCustomerHandler;
  readonly accept: AcceptRequestsHandler;
  readonly order: OrderSyncHandler;
  readonly settle: SettleWaitingHandler;
  private readonly counting: CountResultsHandler;

  private constructor(
    readonly database: TestDatabase,
    private readonly provider: Provider,
  ) {
    const unitOfWork = new UnitOfWork(database.dataSource);
    this.unitOfWork = unitOfWork;
    const syncs = new SyncRepository();
    this.connections = new ConnectionRepository(unitOfWork);
    this.pushes = new PushRepository(unitOfWork, syncs, this.connections, provider);
    const figures = new FiguresRepository(unitOfWork);
    const settings = { leaseMs: 60_000, resetMs: 30_000 };
    this.push = new PushCustomerHandler(this.pushes, figures, this.connections, this.psa, settings, () => undefined); // prettier-ignore
    this.accept = new AcceptRequestsHandler(unitOfWork, syncs, this.connections, provider, () => undefined);
    this.order = new OrderSyncHandler(unitOfWork, syncs, this.connections, provider, () => undefined);
    this.settle = new SettleWaitingHandler(this.connections, provider);
    this.counting = new CountResultsHandler(unitOfWork, figures);
  }

  static async start(provider: Provider = 'connectwise'): Promise<TestSystem> {
    return new TestSystem(await testDatabase({ migrations: MIGRATIONS }), provider);
  }

  close(): Promise<void> {
    return this.database.close();
  }

  async empty(): Promise<void> {
    await this.query(
      'TRUNCATE sync, sync_request, sync_customer, result_day, psa_connection, customer_map, known_customer, known_brand, known_partner, inbox, outbox',
    );
    this.psa.calls.length = 0;
    this.psa.answer = new RecordingPsa().answer;
  }

  query<R = Record<string, unknown>>(sql: string, params: unknown[] = []): Promise<R[]> {
    return this.unitOfWork.query<R>(sql, params);
  }

  /** Connects a partner, with statistics, and maps its customers, each to a company of the same number. */
  async connect(
    over: Partial<ConnectionPayload> = {},
    custIds: readonly number[] = [CUSTOMER],
  ): Promise<void> {
    const partnerId = over.partnerId ?? PARTNER;
    const connection: ConnectionPayload = {
      connectionId: idOf(`connection of ${partnerId}`), partnerId, provider: this.provider, version: '1',
      endpoint: { siteUrl: 'http://psa.example' }, sealedSecret: 'sealed', isEnabled: true, ticketing: {},
      statistics: { enabled: true }, ...over,
    }; // prettier-ignore
    await this.unitOfWork.run(async (tx) => {
      await this.connections.save(tx, connection);
      await this.settle.within(tx, partnerId);
    });
    for (const custId of custIds) {
      await this.query('INSERT INTO customer_map VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [partnerId, custId, String(custId)]); // prettier-ignore
      await this.query('INSERT INTO known_customer VALUES ($1, $2, $3, NULL) ON CONFLICT DO NOTHING', [partnerId, custId, `Customer ${custId}`]); // prettier-ignore
    }
  }

  /** A request by what its event is called; the same name is the same event. */
  request(event: string, over: Partial<SyncRequestPayload> = {}): SyncRequestPayload {
    const ruleId = over.ruleId ?? idOf('rule');
    return {
      requestId: uuidFrom(idOf(event), ruleId, String(over.isForced)), eventId: idOf(event), ruleId, ruleName: 'Sync',
      partnerId: PARTNER, custId: CUSTOMER, accountNo: ACCOUNT, occurredAt: new Date().toISOString(), ...over,
    }; // prettier-ignore
  }

  /** The events come first, as they nearly always do. */
  async ask(...requests: SyncRequestPayload[]): Promise<void> {
    await this.count(...requests.map(({ eventId, partnerId, custId, accountNo }) => ({ eventId, partnerId, custId, accountNo }))); // prettier-ignore
    await this.accept.handle(requests);
  }

  async count(
    ...events: { eventId: string; partnerId?: string; custId?: number; accountNo?: number; over?: object }[]
  ): Promise<void> {
    const batch = events.map(({ eventId, partnerId = PARTNER, custId = CUSTOMER, accountNo = ACCOUNT, over = {} }) => {
      const tenant = { partnerId, customerId: custId, accountNo };
      return buildEvent({ eventId, tenant, occurredAt: new Date().toISOString(), ...over } as never);
    }); // prettier-ignore
    await this.counting.handle(batch);
  }

  claim(slots = 50): Promise<Lease[]> {
    return this.pushes.claim(slots, 60_000, 0);
  }

  /** Works until nothing is due; what waits for a later time stays. */
  async drain(): Promise<void> {
    for (let round = 0; round < 200; round += 1) {
      const leases = await this.claim();
      if (leases.length === 0) return;
      await Promise.all(leases.map((lease) => this.push.handle(lease)));
    }
    throw new Error('Pushes never come to rest');
  }

  /** Lets time pass for customers, connections and what waits. */
  async pass(ms: number): Promise<void> {
    const by = [ms];
    await this.query(
      `UPDATE sync_customer SET due_at = due_at - $1 * interval '1 ms', lease_until = lease_until - $1 * interval '1 ms', pushed_at = pushed_at - $1 * interval '1 ms'`,
      by,
    );
    await this.query(`UPDATE psa_connection SET resume_at = resume_at - $1 * interval '1 ms'`, by);
    await this.query(`UPDATE sync_request SET received_at = received_at - $1 * interval '1 ms'`, by);
  }

  /** `state reason` of what was told of each event, in order; told once. */
  async told(): Promise<string[]> {
    const rows = await this.query<{ payload: string }>(
      "DELETE FROM outbox WHERE topic = 'sync.outcomes.v1' RETURNING payload, xid, seq",
    );
    return (rows as { payload: string; xid: string; seq: string }[])
      .toSorted((a, b) => Number(a.seq) - Number(b.seq))
      .map(({ payload }) => JSON.parse(payload) as SyncOutcomePayload)
      .map(({ accountNo, state, reason }) => `${accountNo} ${state} ${reason}`);
  }
}
