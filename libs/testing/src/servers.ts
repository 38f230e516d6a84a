import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import kafkajs from 'kafkajs';
import pg from 'pg';
import { eventually } from './eventually.js';
import { freePort } from './free-port.js';

export const repoRoot = join(dirname(fileURLToPath(import.meta.url)), '../../..');

/** A server of a test's own, which it may kill. The scripts behind it are the ones `npm start` uses. */
export interface OwnServer {
  /** `postgres://…` or `host:port`. */
  readonly address: string;
  /** Orderly. Removes what it wrote. */
  stop(): Promise<void>;
  /** `kill -9`; the data stays. */
  kill(): Promise<void>;
  /** Starts it again on the same port and data, and waits until it answers. */
  restart(): Promise<void>;
  /** SIGSTOP and SIGCONT. */
  freeze(): void;
  thaw(): void;
}

interface Plan {
  script: string;
  dir: string;
  args: string[];
  pidFile: string;
  address: () => string;
  probe: (address: string) => Promise<void>;
}

async function serve(plan: Plan): Promise<OwnServer> {
  let wrapper: ChildProcess;
  let log = '';
  const launch = async () => {
    wrapper = spawn(process.execPath, [join(repoRoot, 'scripts/infrastructure', plan.script), ...plan.args], {
      env: { ...process.env, BACKHAUL_OWNER_PID: String(process.pid) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const keep = (chunk: Buffer) => (log = (log + chunk.toString()).slice(-4000));
    wrapper.stdout?.on('data', keep);
    wrapper.stderr?.on('data', keep);
    await eventually(() => plan.probe(plan.address()), { timeoutMs: 60_000, intervalMs: 100 }).catch(
      (error: unknown) => {
        throw new Error(`${plan.script} did not start: ${log}`, { cause: error });
      },
    );
  };
  const pid = () => Number(readFileSync(plan.pidFile, 'utf8').split('\n')[0]);
  const ended = () =>
    wrapper.exitCode !== null || wrapper.signalCode !== null
      ? Promise.resolve()
      : new Promise((done) => wrapper.once('exit', done));
  await launch();
  return {
    address: plan.address(),
    restart: launch,
    freeze: () => process.kill(pid(), 'SIGSTOP'),
    thaw: () => process.kill(pid(), 'SIGCONT'),
    kill: async () => {
      process.kill(pid(), 'SIGKILL');
      await ended();
    },
    stop: async () => {
      wrapper.kill('SIGTERM');
      await ended();
      rmSync(plan.dir, { recursive: true, force: true });
    },
  };
}

/** A PostgreSQL of the test's own. */
export async function startOwnPostgres(conf: string[] = ['fsync=off']): Promise<OwnServer> {
  const dir = mkdtempSync(join(tmpdir(), 'backhaul-pg-'));
  const data = join(dir, 'data');
  const port = await freePort();
  const { asideOf } = (await import(join(repoRoot, 'scripts/infrastructure/aside.mjs'))) as {
    asideOf(dir: string): string;
  };
  // mkdtemp makes folders that only their owner enters, so root's PostgreSQL keeps its files aside.
  const pidFile =
    process.getuid?.() === 0
      ? join(asideOf(dir), 'postgres', 'postmaster.pid')
      : join(data, 'postmaster.pid');
  const server = await serve({
    script: 'postgres.mjs',
    dir,
    pidFile,
    args: ['--data', data, '--port', String(port), ...conf.flatMap((setting) => ['--conf', setting])],
    address: () =>
      `postgres://postgres:${readFileSync(join(dir, 'postgres.password'), 'utf8').trim()}@127.0.0.1:${port}/postgres`,
    probe: async (address) => {
      const client = new pg.Client({ connectionString: address });
      await client.connect();
      await client.end();
    },
  });
  return {
    ...server,
    stop: async () => {
      await server.stop();
      rmSync(asideOf(dir), { recursive: true, force: true });
    },
  };
}

/** A Kafka broker of the test's own. Needs Java; `npm test` has resolved the jars. */
export async function startOwnKafka(): Promise<OwnServer> {
  const dir = mkdtempSync(join(tmpdir(), 'backhaul-kafka-'));
  const port = await freePort();
  const { jarsDir, resolveJars } = (await import(join(repoRoot, 'scripts/start/kafka-source.mjs'))) as {
    jarsDir: string;
    resolveJars(): void;
  };
  resolveJars();
  return serve({
    script: 'kafka.mjs',
    dir,
    pidFile: join(dir, 'data', 'broker.pid'),
    args: ['--data', join(dir, 'data'), '--port', String(port), '--jars', jarsDir],
    address: () => `127.0.0.1:${port}`,
    probe: async (address) => {
      const admin = new kafkajs.Kafka({
        brokers: [address],
        logLevel: kafkajs.logLevel.NOTHING,
        retry: { retries: 0 },
      }).admin();
      try {
        await admin.connect();
        await admin.listTopics();
      } finally {
        await admin.disconnect();
      }
    },
  });
}
