import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kafka } from 'kafkajs';
import { eventually } from '../eventually.js';
import type { OwnPostgres, PostgresDisks } from '../own-postgres.js';
import type { OwnServer } from '../servers.js';
import { assertDrained, UNPUBLISHED } from './drain.js';
import { duplicatiReport, type Result } from './duplicati.js';
import { type Environment, Fleet } from './fleet.js';
import { checkInvariants, type Figures } from './invariants.js';
import { type Ground, groundOf, type OwnPart, type Proxies } from './ground.js';
import { Ledger } from './ledger.js';
import { type Account, type Accounts, seedPartner } from './partner.js';
import { PartnerApi } from './partner-api.js';
import { SimulatorClient, type Ticket } from './simulator.js';
import { Stores } from './stores.js';
import { type Provider, PROVIDERS, type StoreName, ticketingOf } from './topology.js';

export interface SystemOptions {
  /** Servers of its own, which a row may kill. */
  own?: readonly OwnPart[];
  /** Settings for all services. */
  env?: Environment;
  /** A service that ends by itself is started again, as in production. */
  isSupervised?: boolean;
  /** A rule has figures pushed, too; without it the PSA is asked for tickets alone. */
  hasSync?: boolean;
}

export const ACCOUNTS_PER_PSA = 6;
/** Accounts whose failures would become tickets at once. */
const READY = `SELECT 1 FROM known_account a JOIN customer_map m USING (partner_id, cust_id) JOIN psa_connection c USING (partner_id)
  WHERE c.is_enabled AND m.psa_company_id IS NOT NULL AND a.account_no = ANY($1)`;
const OF_JOB = "body::json->'job'->>'nativeJobId' = $1";

/** The whole of Backhaul as real processes, a partner in it, and what agents were told kept beside it. */
export class System {
  readonly ledger = new Ledger();
  readonly stores: Stores;
  readonly simulator: SimulatorClient;
  /** Where agents post: another than the process of the fleet, where a balancer would send them elsewhere. */
  wayIn: string | null = null;
  /** The partner's programs at the gateway. */
  partner: PartnerApi;
  private accounts: Accounts;

  private constructor(
    private readonly ground: Ground,
    readonly fleet: Fleet,
    /** A folder of its own, gone when it is closed. */
    readonly dir: string,
    private readonly hasSync: boolean,
  ) {
    this.stores = new Stores((name) => this.storeUrl(name));
    this.simulator = new SimulatorClient(fleet.url('psa-simulator'));
  }

  static async start(options: SystemOptions = {}): Promise<System> {
    const dir = mkdtempSync(join(tmpdir(), 'backhaul-system-'));
    const ground = await groundOf(options.own ?? []);
    const { brokers, prefix, databaseUrls } = ground;
    const fleet = new Fleet({
      dir,
      brokers,
      prefix,
      databaseUrl: (name) => databaseUrls.get(name) ?? '',
      isSupervised: options.isSupervised ?? false,
      ...(ground.proxies && { postgresPort: ground.proxies.postgres.port }),
      ...(options.env && { env: options.env }),
    });
    try {
      await fleet.start();
      const system = new System(ground, fleet, dir, options.hasSync ?? false);
      await system.seed();
      return system;
    } catch (error) {
      await fleet.stop();
      await ground.close();
      throw error;
    }
  }

  get kafka(): Kafka {
    return this.ground.kafka;
  }

  /** A service's database as its owner enters it. */
  storeUrl(name: StoreName): string {
    return this.ground.databaseUrls.get(name) ?? '';
  }

  get prefix(): string {
    return this.ground.prefix;
  }

  /** The row's own; throws where it asked for none. */
  get postgres(): OwnPostgres {
    return owned(this.ground.postgres);
  }

  get broker(): OwnServer {
    return owned(this.ground.nodes[0] ?? null);
  }

  /** Between the services and their servers; throws where it asked for none. */
  get proxies(): Proxies {
    if (!this.ground.proxies)
      throw new Error('The services of this system reach their servers without a proxy');
    return this.ground.proxies;
  }

  /** What its own PostgreSQL lies on; throws where it asked for none. */
  get disks(): PostgresDisks {
    if (!this.ground.disks) throw new Error('This system has no small disks');
    return this.ground.disks;
  }

  /** Its own servers, by what a kill run calls them. */
  ownServers(): Map<string, OwnServer> {
    const { postgres, nodes } = this.ground;
    const named = nodes.map((node, index): [string, OwnServer] => [`kafka-${index + 1}`, node]);
    return new Map([...(postgres ? [['postgres', postgres] as [string, OwnServer]] : []), ...named]);
  }

  account(provider: Provider, index = 0): Account {
    const { [provider]: accounts } = this.accounts;
    return accounts[index % accounts.length] as Account;
  }

  /** One attempt of an agent. @throws when the connection breaks */
  post(account: Account, body: string): Promise<Response> {
    return fetch(`${this.wayIn ?? this.fleet.url('ingestion')}/ingest/duplicati/${account.endpointKey}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(5000),
    });
  }

  /** What the partner's own program reads, by the gateway; a path below `/api/v1`. */
  read(path: string): Promise<Response> {
    return this.partner.read(path);
  }

  /** A report of that job, newer than all before it unless a time is given; repeated until it is accepted, as agents do. */
  async report(account: Account, result: Result, job: string, at?: Date): Promise<void> {
    const time = at ?? this.ledger.nextTime(account, job);
    const body = duplicatiReport(result, job, time);
    await eventually(async () => (await this.post(account, body)).status === 200, {
      timeoutMs: 120_000,
      intervalMs: 150,
    });
    this.ledger.note({ account, job, result, at: time });
  }

  /** Of all PSAs; those whose summary names the job. */
  async tickets(job?: string): Promise<Ticket[]> {
    const all = await this.simulator.tickets();
    return job === undefined ? all : all.filter(({ summary }) => summary.includes(`(${job})`));
  }

  /** Waits for the job's one ticket, open or closed. @throws when there are more */
  async ticket(job: string, state: 'open' | 'closed', timeoutMs = 60_000): Promise<Ticket> {
    return eventually(
      async () => {
        const [ticket, ...doubles] = await this.tickets(job);
        if (doubles.length) throw new Error(`${job} has ${doubles.length + 1} tickets`);
        return ticket !== undefined && ticket.isClosed === (state === 'closed') && ticket;
      },
      { timeoutMs, intervalMs: 100 },
    );
  }

  /** The stored events of that job, in the order in which they are to leave. */
  async eventIds(job: string): Promise<string[]> {
    const sql = `SELECT event_id FROM event WHERE ${OF_JOB} ORDER BY xid, event_id`;
    const rows = await this.stores.query<{ event_id: string }>('ingestion', sql, [job]);
    return rows.map(({ event_id }) => event_id);
  }

  /** How many events of that job are stored. */
  async events(job: string): Promise<number> {
    return (await this.eventIds(job)).length;
  }

  /** How many events wait to be published. */
  unpublished(): Promise<number> {
    return this.stores.count('ingestion', UNPUBLISHED);
  }

  /** Nothing is to come of that job's events: a row has their records set aside. */
  async give(job: string): Promise<void> {
    this.ledger.give(job, await this.eventIds(job));
  }

  /** Waits until nothing is under way: published, decided, carried out and told. */
  async drain(timeoutMs = 120_000): Promise<void> {
    await eventually(() => assertDrained(this), { timeoutMs, intervalMs: 250 });
  }

  /** Drains, then checks all that must hold. @throws Error that lists what does not */
  async invariants(timeoutMs?: number): Promise<Figures> {
    await this.drain(timeoutMs);
    const { complaints, figures } = await checkInvariants({
      stores: this.stores,
      kafka: this.kafka,
      prefix: this.prefix,
      ledger: this.ledger,
      tickets: await this.tickets(),
    });
    if (!this.fleet.isSupervised) complaints.push(...this.fleet.unexpectedDeaths());
    if (complaints.length > 0) throw new Error(`Invariants are broken:\n${complaints.join('\n')}`);
    return figures;
  }

  async close(): Promise<void> {
    await this.fleet.stop();
    await this.stores.close();
    await this.ground.close();
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** Another partner like the seeded one, with as many accounts per PSA. */
  async addPartner(name: string, accountsPerPsa: number): Promise<{ api: PartnerApi; accounts: Accounts }> {
    const { apiKey, accounts } = await seedPartner({
      file: join(this.dir, `${name}.json`),
      accountsPerPsa,
      hasSync: this.hasSync,
      gatewayUrl: this.fleet.url('gateway'),
      simulatorUrl: this.fleet.url('psa-simulator'),
      createPartner: (title) => this.fleet.program('accounts', 'create-partner.js', ['--name', title]),
    });
    await eventually(() => this.isKnown(accounts), { timeoutMs: 30_000, intervalMs: 100 });
    return { api: new PartnerApi(this.fleet.url('gateway'), apiKey), accounts };
  }

  private async seed(): Promise<void> {
    const { api, accounts } = await this.addPartner('demo', ACCOUNTS_PER_PSA);
    this.partner = api;
    this.accounts = accounts;
  }

  /** A request that comes before the connection is known is skipped, rightly; no row is about that. */
  private async isKnown(accounts: Accounts): Promise<boolean> {
    for (const provider of PROVIDERS) {
      const numbers = accounts[provider].map(({ accountNo }) => accountNo);
      if ((await this.stores.count(ticketingOf(provider), READY, [numbers])) < numbers.length) return false;
    }
    return true;
  }
}

function owned<S extends OwnServer>(server: S | null): S {
  if (!server) throw new Error('This system runs on servers that are not its own');
  return server;
}
