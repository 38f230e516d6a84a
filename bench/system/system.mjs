/** The whole system on ports and databases of its own, with one partner whose failures open ConnectWise tickets. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { createKafka, ensureTopics } from '../../libs/messaging/dist/index.js';
import { freePort } from '../../scripts/infrastructure/free-port.mjs';
import { Partner } from './partner.mjs';

const ADMIN_URL = process.env.TEST_DATABASE_URL;
const BROKERS = process.env.TEST_KAFKA_BROKERS;
if (!ADMIN_URL || !BROKERS) throw new Error('Set TEST_DATABASE_URL and TEST_KAFKA_BROKERS');
const root = new URL('../../', import.meta.url).pathname;

const SERVICES = {
  'psa-simulator': { app: 'psa-simulator' },
  accounts: { app: 'accounts', database: true },
  ingestion: { app: 'ingestion', database: true },
  notifications: { app: 'notifications', database: true },
  'ticketing-connectwise': { app: 'ticketing', database: true, env: { PSA: 'connectwise' } },
  gateway: { app: 'gateway' },
};

/** Resident memory of a process in megabytes, as Linux counts it. */
export function residentMb(pid) {
  const kb = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kb) / 1024;
}

export const loadAverage = () => Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[0]);

class System {
  ports = {};
  children = new Map();
  databases = [];
  run = `bench_${randomBytes(4).toString('hex')}`;
  #admin = new pg.Client({ connectionString: ADMIN_URL });
  #kafka = createKafka({ brokers: BROKERS.split(','), clientId: 'bench' });
  #secrets = { token: randomBytes(24).toString('hex'), kek: randomBytes(32).toString('base64') };

  url = (name) => `http://127.0.0.1:${this.ports[name]}`;

  async start({ env = {}, nodeArgs = [] } = {}) {
    await this.#admin.connect();
    await ensureTopics(this.#kafka, { prefix: `${this.run}.` });
    for (const name of Object.keys(SERVICES)) {
      this.ports[name] = await freePort();
      this.ports[`${name}:management`] = await freePort();
    }
    const withDatabase = Object.keys(SERVICES).filter((name) => SERVICES[name].database);
    for (const name of withDatabase) await this.#createDatabase(name);
    for (const name of withDatabase)
      await this.#program(name, 'migrate.js', [], { MIGRATION_DATABASE_URL: this.databaseUrl(name) });
    for (const name of Object.keys(SERVICES)) this.#spawn(name, env, nodeArgs);
    for (const name of Object.keys(SERVICES)) await this.#ready(name);
    this.partner = await this.addPartner('Bench');
    return this;
  }

  get apiKey() {
    return this.partner.apiKey;
  }

  api = (...call) => this.partner.api(...call);
  addAccounts = (count) => this.partner.addAccounts(count);

  /** Another partner, set up like the first. */
  async addPartner(name) {
    const { apiKey } = JSON.parse(await this.#program('accounts', 'create-partner.js', ['--name', name]));
    return new Partner(this, apiKey, (act) => this.#again(act)).seed();
  }

  /** Resident megabytes of each service. */
  memory() {
    return Object.fromEntries([...this.children].map(([name, child]) => [name, residentMb(child.pid)]));
  }

  /** In order, and whoever is not done in that time is killed: a backlog does not keep the benchmark waiting. */
  async stop({ withinMs = 20_000 } = {}) {
    for (const child of this.children.values()) child.kill('SIGTERM');
    const ends = [...this.children.values()].map((child) =>
      child.exitCode === null && child.signalCode === null
        ? new Promise((done) => child.once('exit', done))
        : null,
    );
    const killing = setTimeout(() => {
      for (const child of this.children.values()) child.kill('SIGKILL');
    }, withinMs);
    await Promise.all(ends);
    clearTimeout(killing);
    const admin = this.#kafka.admin();
    await admin.connect();
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(`${this.run}.`));
    await admin.deleteTopics({ topics });
    await admin.disconnect();
    for (const name of this.databases) {
      await this.#admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await this.#admin.query(`DROP ROLE IF EXISTS service_of_${name}`);
    }
    await this.#admin.end();
  }

  databaseUrl(name) {
    const url = new URL(ADMIN_URL);
    url.pathname = `/${this.run}_${name.replaceAll('-', '_')}`;
    return url.href;
  }

  /** As the services log in, who own nothing there. */
  #serviceUrl(name) {
    const url = new URL(this.databaseUrl(name));
    url.username = `service_of_${url.pathname.slice(1)}`;
    url.password = 'service';
    return url.href;
  }

  async #createDatabase(name) {
    const database = new URL(this.databaseUrl(name)).pathname.slice(1);
    await this.#admin.query(`CREATE DATABASE ${database}`);
    this.databases.push(database);
  }

  #environment(name) {
    const upper = (service) => `${service.toUpperCase().replaceAll('-', '_')}_URL`;
    return {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      MALLOC_MMAP_THRESHOLD_: '1048576',
      LOG_LEVEL: 'error',
      PORT: String(this.ports[name]),
      MANAGEMENT_PORT: String(this.ports[`${name}:management`]),
      KAFKA_BROKERS: BROKERS,
      KAFKA_TOPIC_PREFIX: `${this.run}.`,
      SERVICE_TOKEN_KEY: this.#secrets.token,
      KEY_ENCRYPTION_KEY: this.#secrets.kek,
      EGRESS_ALLOW: `127.0.0.1:${this.ports['psa-simulator']}`,
      RATE_LIMIT_PER_KEY: '1000000',
      RATE_LIMIT_PER_PARTNER: '1000000',
      PSA_MAX_PER_MINUTE: '1000000',
      PSA_MAX_IN_FLIGHT: '64',
      DISPATCHER_SLOTS: '64',
      ...Object.fromEntries(Object.keys(SERVICES).map((service) => [upper(service), this.url(service)])),
      TICKETING_AUTOTASK_URL: 'http://127.0.0.1:9',
      ...(SERVICES[name].database && { DATABASE_URL: this.#serviceUrl(name) }),
      ...SERVICES[name].env,
    };
  }

  async #program(name, file, args = [], env = {}) {
    let output = '';
    const child = spawn(process.execPath, [`${root}apps/${SERVICES[name].app}/dist/${file}`, ...args], {
      env: { ...this.#environment(name), ...env },
    });
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    const code = await new Promise((done) => child.once('exit', done));
    if (code !== 0) throw new Error(`${name}/${file} failed: ${output}`);
    return output;
  }

  #spawn(name, env, nodeArgs) {
    const args = [...nodeArgs, '--disable-warning=TimeoutNegativeWarning'];
    const child = spawn(process.execPath, [...args, `${root}apps/${SERVICES[name].app}/dist/main.js`], {
      env: { ...this.#environment(name), ...env },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    this.children.set(name, child);
    // Whatever ends us, nothing is left running.
    process.once('exit', () => child.kill('SIGKILL'));
  }

  async #ready(name) {
    await this.#again(async () => {
      const answer = await fetch(`http://127.0.0.1:${this.ports[`${name}:management`]}/health/ready`);
      if (!answer.ok) throw new Error(`${name} is not ready`);
    });
  }

  async #again(act) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await act();
      } catch (error) {
        if (attempt === 300) throw error;
        await wait(200);
      }
    }
  }
}

/** @param options.env settings for all services. @param options.nodeArgs of each service's Node */
export const startSystem = (options) => new System().start(options);
