import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { serviceUrlOf } from '../database.js';
import { eventually } from '../eventually.js';
import { freePort } from '../free-port.js';
import { type RunningService, runProgram, runService, type ServiceOptions } from '../service.js';
import { appOf, QUICK, SERVICES, type ServiceName, type StoreName, STORES } from './topology.js';

export type Environment = Record<string, string>;

export interface FleetPlan {
  /** For what the simulator keeps. */
  dir: string;
  brokers: string[];
  prefix: string;
  /** As its owner. */
  databaseUrl: (name: StoreName) => string;
  /** Where the services find PostgreSQL, where something stands between. */
  postgresPort?: number;
  /** Settings for all services, above what they get otherwise. */
  env?: Environment;
  /** One that ends by itself is started again, as in production, and counted; else that is a complaint. */
  isSupervised?: boolean;
}

const BOOTS = 6;

/** The processes of the system: each on its own port, which it keeps over its restarts. */
export class Fleet {
  private readonly running = new Map<ServiceName, RunningService>();
  private readonly twins = new Set<RunningService>();
  /** Those whose end is no surprise. */
  private readonly doomed = new WeakSet<RunningService>();
  private readonly deaths: string[] = [];
  private readonly revivals = new Map<ServiceName, Promise<void>>();
  private isStopping = false;
  private readonly ports = new Map<ServiceName, { port: number; managementPort: number }>();
  private readonly keys = { token: newKey(), kek: newKey() };

  constructor(private readonly plan: FleetPlan) {}

  get isSupervised(): boolean {
    return this.plan.isSupervised === true;
  }

  /** Base64; what wraps the credentials of this system. */
  get keyEncryptionKey(): string {
    return this.keys.kek;
  }

  async start(): Promise<void> {
    await Promise.all(STORES.map((name) => runProgram(appOf(name), 'migrate.js', this.migration(name))));
    // Not before: a port that stands free for long is taken by somebody's connection.
    for (const name of SERVICES)
      this.ports.set(name, { port: await freePort(), managementPort: await freePort() });
    // All have ended or are known by then, so that none is left behind where another failed.
    const boots = await Promise.allSettled(SERVICES.map((name) => this.bootPatiently(name)));
    for (const boot of boots) if (boot.status === 'rejected') throw boot.reason;
  }

  url(name: ServiceName): string {
    return `http://127.0.0.1:${this.portsOf(name).port}`;
  }

  service(name: ServiceName): RunningService {
    const service = this.running.get(name);
    if (!service) throw new Error(`${name} was never started`);
    return service;
  }

  /** Starts it on its port. One that is told to crash may be gone before it is ready: that is no failure. */
  async boot(
    name: ServiceName,
    more: Environment = {},
    limits: Pick<ServiceOptions, 'openFiles'> = {},
  ): Promise<RunningService> {
    const isDoomed = 'CRASH_AT' in more;
    const env = { ...this.environment(name), ...more };
    const service = await runService(appOf(name), env, { ...this.portsOf(name), ...limits, wait: !isDoomed });
    this.running.set(name, service);
    this.watch(name, service, isDoomed);
    if (isDoomed) await untilReadyOrGone(service);
    return service;
  }

  /** As production does: one that gave up because the machine was too busy for its first connection is started again. */
  private async bootPatiently(name: ServiceName): Promise<void> {
    for (let left = BOOTS; ; left -= 1) {
      try {
        return void (await this.boot(name));
      } catch (error) {
        if (left === 1) throw error;
      }
    }
  }

  /** `kill -9`. Resolves when the process is gone. */
  async kill(name: ServiceName): Promise<void> {
    const service = this.service(name);
    this.doomed.add(service);
    service.kill('SIGKILL');
    await service.exited;
  }

  /** `kill -9`, and a new one. */
  async crash(name: ServiceName): Promise<void> {
    await this.revivals.get(name);
    await this.kill(name);
    await this.revive(name);
  }

  /** In an orderly way. */
  async end(name: ServiceName): Promise<void> {
    const service = this.service(name);
    this.doomed.add(service);
    await service.stop();
  }

  /** Ends it in an orderly way if it still runs, and starts it anew. */
  async restart(name: ServiceName, more: Environment = {}): Promise<RunningService> {
    await this.end(name);
    return this.boot(name, more);
  }

  /** A second process of the same service, on ports of its own. */
  async bootTwin(name: ServiceName, more: Environment = {}): Promise<RunningService> {
    const twin = await runService(appOf(name), { ...this.environment(name), ...more });
    this.twins.add(twin);
    return twin;
  }

  /** In an orderly way. */
  async endTwin(twin: RunningService): Promise<void> {
    twin.kill('SIGCONT');
    await twin.stop();
    this.twins.delete(twin);
  }

  /** Starts it: once, or as often as it takes where the fleet is supervised. */
  private revive(name: ServiceName): Promise<void> {
    if (!this.isSupervised) return this.boot(name).then(() => undefined);
    const revival = eventually(() => this.isStopping || this.boot(name).then(() => true), {
      timeoutMs: 240_000,
      intervalMs: 500,
    })
      .then(() => undefined)
      .finally(() => this.revivals.delete(name));
    this.revivals.set(name, revival);
    return revival;
  }

  /** Processes that ended although nobody had ended them. */
  unexpectedDeaths(): readonly string[] {
    return this.deaths;
  }

  /** Runs a program of the service that owns this database; answers what it printed. */
  program(name: StoreName, file: string, args: string[] = []): Promise<string> {
    return runProgram(appOf(name), file, this.environment(name), args);
  }

  /** The last lines of every process that speak of trouble. */
  complaints(): string {
    const parts: string[] = [];
    for (const [name, service] of this.running) {
      const lines = service.logs().split('\n').filter(isTrouble);
      if (lines.length) parts.push(`--- ${name}\n${lines.slice(-8).join('\n').slice(-2000)}`);
    }
    return parts.join('\n');
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    await Promise.all(this.revivals.values());
    const all = [...this.running.values(), ...this.twins];
    for (const service of all) {
      this.doomed.add(service);
      // A frozen process hears nothing else.
      service.kill('SIGCONT');
    }
    await Promise.all(all.map((service) => service.stop()));
  }

  private watch(name: ServiceName, service: RunningService, isDoomed: boolean): void {
    if (isDoomed) this.doomed.add(service);
    void service.exited.then((ending) => {
      if (this.doomed.has(service)) return;
      this.deaths.push(`${name} ended by itself: ${ending}`);
      if (this.isSupervised && !this.isStopping) void this.revive(name);
    });
  }

  private portsOf(name: ServiceName): { port: number; managementPort: number } {
    const ports = this.ports.get(name);
    if (!ports) throw new Error(`${name} is no part of this system`);
    return ports;
  }

  private environment(name: ServiceName): Environment {
    const { brokers, prefix, databaseUrl } = this.plan;
    return {
      KAFKA_BROKERS: brokers.join(','),
      KAFKA_TOPIC_PREFIX: prefix,
      SERVICE_TOKEN_KEY: this.keys.token,
      KEY_ENCRYPTION_KEY: this.keys.kek,
      ...(isStore(name) && { DATABASE_URL: this.serviceUrl(databaseUrl(name)) }),
      EGRESS_ALLOW: `127.0.0.1:${this.portsOf('psa-simulator').port}`,
      PUBLIC_URL: this.url('gateway'),
      INGEST_PUBLIC_URL: this.url('ingestion'),
      ...QUICK,
      ...this.special(name),
      ...this.plan.env,
    };
  }

  private serviceUrl(ownerUrl: string): string {
    const url = new URL(serviceUrlOf(ownerUrl));
    if (this.plan.postgresPort !== undefined) url.port = String(this.plan.postgresPort);
    return url.href;
  }

  private migration(name: StoreName): Environment {
    const owner = this.plan.databaseUrl(name);
    return { DATABASE_URL: serviceUrlOf(owner), MIGRATION_DATABASE_URL: owner };
  }

  private special(name: ServiceName): Environment {
    if (name === 'psa-simulator') return { DATA_FILE: join(this.plan.dir, 'simulator.jsonl') };
    if (name === 'gateway' || name === 'accounts')
      return Object.fromEntries(STORES.map((store) => [`${envName(store)}_URL`, this.url(store)]));
    const app = appOf(name);
    return app === name ? {} : { PSA: name.slice(app.length + 1) };
  }
}

const newKey = (): string => randomBytes(32).toString('base64');
const envName = (name: string): string => name.toUpperCase().replaceAll('-', '_');
const isStore = (name: ServiceName): name is StoreName => (STORES as readonly string[]).includes(name);
/** Lines of warnings and errors, and what is no line of the logger at all. */
const isTrouble = (line: string): boolean =>
  /"level":"?(4|5|6)0|"level":"(warn|error|fatal)"/.test(line) || (line !== '' && !line.startsWith('{'));

async function untilReadyOrGone(service: RunningService): Promise<void> {
  const gone = service.exited.then(() => true);
  await eventually(
    async () => {
      if (await Promise.race([gone, Promise.resolve(false)])) return true;
      return (await fetch(`http://127.0.0.1:${service.managementPort}/health/ready`)).ok;
    },
    { timeoutMs: 60_000, intervalMs: 100 },
  );
}

/** Stopped by SIGSTOP: it lives and does nothing. */
export function isFrozen({ pid }: RunningService): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim().startsWith('T');
}

/** Waits until it has frozen itself at its crash point. */
export async function untilFrozen(service: RunningService, timeoutMs = 60_000): Promise<void> {
  await eventually(() => isFrozen(service), { timeoutMs, intervalMs: 50 });
}
