import {
  type AccountNo, type AlarmType, type BrandId, type CanonicalEvent, type CustomerId, type JobResult, type PartnerId, uuidv7,
} from '@backhaul/domain'; // prettier-ignore
import { bucketOf, UnitOfWork } from '@backhaul/persistence';
import { createLogger } from '@backhaul/telemetry';
import { buildJobResult, eventually, FixedClock, testDatabase, type TestDatabase } from '@backhaul/testing';
import { eventRowOf } from '../intake/event-draft.js';
import { INSERT_EVENTS, insertParameters } from '../intake/event-row.js';
import { MIGRATIONS } from '../migrations.js';
import { AlarmBrake } from '../schedules/alarm-brake.js';
import { AlarmFacts } from '../schedules/alarm-facts.js';
import { Alarms } from '../schedules/alarms.js';
import { ExpectationRepository } from '../schedules/expectation.repository.js';
import { FollowLogHandler } from '../schedules/follow-log.handler.js';
import { AT_ONCE, RaiseAlarmsHandler, type Raised } from '../schedules/raise-alarms.handler.js';
import { ScheduleLog } from '../schedules/schedule-log.js';
import { ScheduleSettingsRepository } from '../schedules/settings.repository.js';
import { WayIn } from '../schedules/way-in.js';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
const BUCKETS = Array.from({ length: 64 }, (_, bucket) => bucket);

export interface Report {
  accountNo?: number;
  job?: string;
  status?: JobResult['outcome']['status'];
  phase?: JobResult['outcome']['phase'];
  /** What the agent says of its next run. */
  nextRun?: string;
}

/** Schedules on a database of their own and a clock that the test moves, without the rest of the service. */
export class ScheduleWorld {
  readonly clock = new FixedClock('2026-12-01T22:00:00Z');
  readonly partnerId = uuidv7(1) as PartnerId;
  readonly unitOfWork: UnitOfWork;
  readonly wayIn: WayIn;
  readonly raise: RaiseAlarmsHandler;
  private readonly log = new ScheduleLog();
  private readonly expectations = new ExpectationRepository();
  private readonly settings = new ScheduleSettingsRepository();
  private runs = 0;

  private constructor(readonly database: TestDatabase) {
    this.unitOfWork = new UnitOfWork(database.dataSource);
    this.wayIn = new WayIn(this.unitOfWork);
    this.raise = this.handler();
  }

  static async start(): Promise<ScheduleWorld> {
    const world = new ScheduleWorld(await testDatabase({ migrations: MIGRATIONS }));
    await world.empty();
    return world;
  }

  close(): Promise<void> {
    return this.database.close();
  }

  /** As after the migration, at ten in the evening of 1 December. */
  async empty(): Promise<void> {
    this.clock.set('2026-12-01T22:00:00Z');
    for (const table of [
      'outbox',
      'expectation',
      'account_schedule',
      'event_key',
      'event',
      'ingest_outage',
      'alarm_hold',
      'alarm_tally',
      'account',
      'partner',
    ])
      // prettier-ignore
      await this.query(`DELETE FROM ${table}`);
    await this.up();
  }

  query<R>(sql: string, params: unknown[] = []): Promise<R[]> {
    return this.unitOfWork.query<R>(sql, params);
  }

  /** What another process would have. */
  handler(random: () => number = () => 0): RaiseAlarmsHandler {
    const { unitOfWork, log, expectations, settings, wayIn } = this;
    const logger = createLogger({ service: 'ingestion', level: 'silent' });
    const alarms = new Alarms(new AlarmFacts(), settings, random, logger);
    return new RaiseAlarmsHandler({
      unitOfWork,
      log,
      expectations,
      wayIn,
      alarms,
      brake: new AlarmBrake(),
      random,
    });
  }

  async account(
    accountNo: number,
    partnerId: string = this.partnerId,
    role: string | null = null,
  ): Promise<number> {
    await this.query(
      `INSERT INTO account (account_no, partner_id, cust_id, username, host_name, role) VALUES ($1, $2, 34826, $3, $4, $5)`,
      [accountNo, partnerId, `user ${accountNo}`, `HOST-${accountNo}`, role],
    );
    return accountNo;
  }

  /** A report that comes now. */
  async report({
    accountNo = 80202028,
    job = 'DB-1',
    status = 'success',
    phase = 'finished',
    nextRun,
  }: Report = {}): Promise<string> {
    const now = this.clock.now();
    const severity = status === 'success' || phase !== 'finished' ? 'OK' : 'ERROR';
    const at = now.toISOString();
    const draft = {
      result: buildJobResult({
        identity: { hostName: `HOST-${accountNo}` },
        job: { nativeJobId: job, jobName: `Job ${job}` },
        timing: { startedAt: at, endedAt: at },
        outcome: { phase, status, severity },
        ext: nextRun === undefined ? {} : { duplicati: { Extra: { 'next-scheduled-run': nextRun } } },
      }),
      agent: 'duplicati',
      agentVersion: null,
      adapter: 'duplicati',
      adapterVersion: '1',
      transport: 'push',
      flags: [],
      runKey: `run-${(this.runs += 1)}`,
      runScope: 'test',
      endpointId: null,
      contentType: null,
      raw: Buffer.from('{}'),
      receivedAtMs: now.getTime(),
      traceparent: null,
    } as const;
    const [account] = await this.query<{ partner_id: PartnerId }>('SELECT partner_id FROM account WHERE account_no = $1', [accountNo]); // prettier-ignore
    const tenant = {
      partnerId: account?.partner_id ?? this.partnerId,
      brandId: null as BrandId | null,
      customerId: 34826 as CustomerId,
      accountNo: accountNo as AccountNo,
      resolution: 'matched' as const,
    };
    const row = eventRowOf({ ...draft, flags: [] }, tenant, bucketOf(String(accountNo)));
    await this.query(INSERT_EVENTS, insertParameters([row]));
    return row.eventId;
  }

  /** A job that ran each night at ten for so many nights, the last one now. */
  async nights(count: number, report: Report = {}): Promise<void> {
    for (let night = 0; night < count; night += 1) {
      if (night > 0) await this.up(DAY_MS);
      await this.report(report);
    }
    await this.follow();
  }

  /** So many accounts from that number on, of each a job that ran each night at ten for ten nights, the last time now. */
  async nightly(count: number, from: number): Promise<number[]> {
    const accounts = Array.from({ length: count }, (_, index) => from + index);
    for (const no of accounts) await this.account(no);
    await this.nights(10, { accountNo: from });
    const [known] = await this.query<{ event_id: string }>('SELECT event_id FROM event WHERE account_no = $1 ORDER BY event_id DESC LIMIT 1', [from]); // prettier-ignore
    // The others are copies, as ten nights of each would take long.
    await this.query(
      `INSERT INTO expectation SELECT no, e.job_hash + no, e.partner_id, no % 64, e.due_at, e.status, 0, e.known_since,
         $2::uuid, e.last_run_at, e.last_saved_at, e.running_at, e.excused_at, e.told_at, e.rhythm
       FROM expectation e, unnest($3::bigint[]) no WHERE e.account_no = $1 AND e.job_hash <> 0`,
      [from, known?.event_id, accounts.slice(1)],
    );
    return accounts;
  }

  /** Time goes by, and ingestion takes whatever comes. */
  async up(ms = 0): Promise<void> {
    this.clock.advance(ms);
    await this.query('UPDATE ingest_watch SET beat_at = $1', [this.clock.now()]);
  }

  /** Time goes by while no ingestion is there; then one is again. */
  async down(ms: number): Promise<void> {
    this.clock.advance(ms);
    await this.wayIn.beat(this.clock.now());
  }

  /** To the end of the log, once nothing keeps it back that runs elsewhere on the server. */
  async follow(): Promise<void> {
    const { unitOfWork, log, expectations, settings } = this;
    const handler = new FollowLogHandler(unitOfWork, log, expectations, settings);
    const followed = async (): Promise<boolean> => {
      await handler.handle(this.clock.now(), 0);
      const left = await this.query('SELECT 1 FROM event e JOIN schedule_bucket p USING (bucket) WHERE (e.xid, e.event_id) > (p.pos_xid, p.pos_id) LIMIT 1'); // prettier-ignore
      return left.length === 0;
    };
    await eventually(followed, { timeoutMs: 60_000 });
  }

  /** One look as the scanner takes it, at the end of the log; what was raised. */
  async look(handler = this.raise): Promise<AlarmType[]> {
    await this.follow();
    return (await this.lookOnly(handler)).flatMap(({ raised }) => raised);
  }

  async lookOnly(handler = this.raise): Promise<Raised[]> {
    const all: Raised[] = [];
    for (let looked = AT_ONCE; looked === AT_ONCE;) {
      const raised = await handler.handle(BUCKETS, this.clock.now());
      all.push(raised);
      looked = raised.looked;
    }
    return all;
  }

  /** What was told that nobody reported, oldest first. */
  async told(): Promise<CanonicalEvent[]> {
    const rows = await this.query<{ body: string }>(
      `SELECT body FROM event WHERE body LIKE '%"transport":"inferred"%' ORDER BY event_id`,
    );
    return rows.map(({ body }) => JSON.parse(body) as CanonicalEvent);
  }
}
