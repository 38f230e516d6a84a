import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { emptyDatabase } from '../database.js';
import { eventually } from '../eventually.js';
import { freePort } from '../free-port.js';
import { testKafka, type TestKafka } from '../kafka.js';
import { repoRoot } from '../servers.js';
import { type RunningService, runProgram, runService } from '../service.js';

const STORES = [
  'accounts',
  'ingestion',
  'notifications',
  'ticketing-connectwise',
  'ticketing-autotask',
] as const;
export const SERVICES = ['psa-simulator', ...STORES, 'gateway'] as const;
export type ServiceName = (typeof SERVICES)[number];
const appOf = (name: string): string => (name.startsWith('ticketing-') ? 'ticketing' : name);

export interface DemoAccount {
  accountNo: number;
  custId: number;
  endpointKeys: Record<string, string>;
}

export interface RoadTicket {
  provider: string;
  number: string;
  marker: string;
  summary: string;
  isClosed: boolean;
  notes: { text: string }[];
}

interface Demo {
  apiKey: string;
  accounts: DemoAccount[];
}

/** The whole system as real processes on free ports, with the demo partner that `npm start` makes. */
export class RunningRoad {
  private readonly services = new Map<ServiceName, RunningService>();
  private readonly ports = new Map<string, number>();
  private readonly databases = new Map<string, { url: string; drop(): Promise<void> }>();
  private readonly dir = mkdtempSync(join(tmpdir(), 'backhaul-road-'));
  private kafka: TestKafka;
  private readonly keys = {
    token: randomBytes(32).toString('base64'),
    kek: randomBytes(32).toString('base64'),
  };
  demo: Demo;

  static async start(): Promise<RunningRoad> {
    const road = new RunningRoad();
    road.kafka = await testKafka();
    for (const name of SERVICES) {
      road.ports.set(name, await freePort());
      road.ports.set(`${name}:management`, await freePort());
    }
    for (const name of STORES) {
      road.databases.set(name, await emptyDatabase());
      await runProgram(appOf(name), 'migrate.js', road.environment(name));
    }
    await Promise.all(SERVICES.map((name) => road.boot(name)));
    await road.seed();
    return road;
  }

  url(name: ServiceName): string {
    return `http://127.0.0.1:${this.ports.get(name)}`;
  }

  /** Starts it, again on its own port; with `CRASH_AT` it is not waited for. */
  async boot(name: ServiceName, more: Record<string, string> = {}): Promise<RunningService> {
    const options = {
      port: this.ports.get(name) as number,
      managementPort: this.ports.get(`${name}:management`) as number,
    };
    const service = await runService(appOf(name), { ...this.environment(name), ...more }, options);
    this.services.set(name, service);
    return service;
  }

  /** `kill -9`, and a new one. */
  async crash(name: ServiceName): Promise<void> {
    const service = this.services.get(name);
    service?.kill('SIGKILL');
    await service?.exited;
    await this.boot(name);
  }

  /** A real Duplicati report of that job; repeated until it is accepted, as an agent does. */
  async report(account: DemoAccount, kind: 'failure' | 'success', job: string, at: Date): Promise<void> {
    const file = readFileSync(join(repoRoot, `docs/examples/duplicati-${kind}.json`), 'utf8');
    const body = file
      .replace(/((?:Begin|End)Time": ")[^"]*/g, `$1${at.toISOString()}`)
      .replace('DB-2', job)
      .replace('Nightly files', job);
    const key = account.endpointKeys['duplicati'];
    await eventually(
      async () => {
        const answer = await fetch(`${this.url('ingestion')}/ingest/duplicati/${key}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body,
          signal: AbortSignal.timeout(5000),
        });
        return answer.status === 200;
      },
      { timeoutMs: 90_000, intervalMs: 200 },
    );
  }

  async tickets(job: string): Promise<RoadTicket[]> {
    const answer = await fetch(`${this.url('psa-simulator')}/admin/tickets?limit=1000`);
    const { items } = (await answer.json()) as { items: RoadTicket[] };
    return items.filter((ticket) => ticket.summary.includes(`(${job})`));
  }

  async api<T>(path: string): Promise<T> {
    const answer = await fetch(`${this.url('gateway')}/api/v1${path}`, {
      headers: { authorization: `Bearer ${this.demo.apiKey}` },
    });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
    return (await answer.json()) as T;
  }

  /** Nothing is under way any more: no outbox row, no lane to run, every event processed. */
  async drained(): Promise<void> {
    for (const name of STORES) {
      if (name !== 'ingestion') await this.expectNone(name, 'SELECT 1 FROM outbox LIMIT 1');
      if (name.startsWith('ticketing-'))
        await this.expectNone(name, "SELECT 1 FROM lane WHERE state IN ('ready', 'running') LIMIT 1");
    }
    const { items } = await this.api<{ items: { state: string; actions: { state: string }[] }[] }>(
      '/events?limit=200',
    );
    const open = items.filter(
      (event) => event.actions.some((action) => action.state === 'pending') || event.actions.length === 0,
    );
    if (open.length > 0) throw new Error(`${open.length} events are not processed`);
  }

  private async expectNone(name: string, sql: string): Promise<void> {
    const client = new pg.Client({ connectionString: this.databases.get(name)?.url });
    await client.connect();
    try {
      const { rowCount } = await client.query(sql);
      if (rowCount) throw new Error(`${name} has work left: ${sql}`);
    } finally {
      await client.end();
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.services.values()].map((service) => service.stop()));
    await Promise.all([...this.databases.values()].map((database) => database.drop()));
    await this.kafka.close();
    rmSync(this.dir, { recursive: true, force: true });
  }

  private environment(name: ServiceName): Record<string, string> {
    const special: Record<string, string> = name.startsWith('ticketing-')
      ? { PSA: name.slice('ticketing-'.length) }
      : {};
    if (name === 'psa-simulator') special['DATA_FILE'] = join(this.dir, 'simulator.jsonl');
    if (name === 'gateway')
      for (const other of STORES)
        special[`${other.toUpperCase().replaceAll('-', '_')}_URL`] = this.url(other);
    return {
      KAFKA_BROKERS: this.kafka.brokers.join(','),
      KAFKA_TOPIC_PREFIX: this.kafka.prefix,
      SERVICE_TOKEN_KEY: this.keys.token,
      KEY_ENCRYPTION_KEY: this.keys.kek,
      DATABASE_URL: this.databases.get(name)?.url ?? '',
      EGRESS_ALLOW: `127.0.0.1:${this.ports.get('psa-simulator')}`,
      PUBLIC_URL: this.url('gateway'),
      INGEST_PUBLIC_URL: this.url('ingestion'),
      // The simulator shows a ticket at once, so a lost answer is settled in seconds and not in a minute.
      PSA_SEARCH_LAG_MS: '500',
      PSA_REQUEST_TIMEOUT_MS: '4000',
      LANE_LEASE_MS: '20000',
      ...special,
    };
  }

  /** By the script of `npm start`, so that the script itself is under test. */
  private async seed(): Promise<void> {
    process.env['GATEWAY_URL'] = this.url('gateway');
    process.env['PSA_SIMULATOR_URL'] = this.url('psa-simulator');
    process.env['BACKHAUL_DATA_DIR'] = this.dir;
    const { seedDemo, demoFile } = (await import(join(repoRoot, 'scripts/start/seed.mjs'))) as {
      seedDemo(parts: { createPartner(name: string): Promise<string> }): Promise<void>;
      demoFile: string;
    };
    await seedDemo({
      createPartner: (name) =>
        runProgram('accounts', 'create-partner.js', this.environment('accounts'), ['--name', name]),
    });
    this.demo = JSON.parse(readFileSync(demoFile, 'utf8')) as Demo;
  }
}
