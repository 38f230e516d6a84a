import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.js';

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
  /** Resolves when it has ended, by itself or not. */
  ended(): Promise<void>;
  /** SIGSTOP and SIGCONT. */
  freeze(): void;
  thaw(): void;
}

export interface ServerPlan {
  /** Of scripts/infrastructure; the wrapper that it runs as follows its server and ends it with itself. */
  script: string;
  dir: string;
  args: string[];
  /** Sends it to the server itself, not to its wrapper. */
  signal: (name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT') => void;
  /** Removes what lies outside `dir`. */
  clean?: () => void;
  address: () => string;
  probe: (address: string) => Promise<void>;
}

export async function serve(plan: ServerPlan): Promise<OwnServer> {
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
    await eventually(() => plan.probe(plan.address()), { timeoutMs: 180_000, intervalMs: 100 }).catch(
      (error: unknown) => {
        throw new Error(`${plan.script} did not start: ${log}`, { cause: error });
      },
    );
  };
  const ended = () =>
    wrapper.exitCode !== null || wrapper.signalCode !== null
      ? Promise.resolve()
      : new Promise<void>((done) => wrapper.once('exit', () => done()));
  await launch();
  return {
    address: plan.address(),
    restart: launch,
    ended,
    freeze: () => plan.signal('SIGSTOP'),
    thaw: () => plan.signal('SIGCONT'),
    kill: async () => {
      plan.signal('SIGKILL');
      await ended();
    },
    stop: async () => {
      wrapper.kill('SIGTERM');
      await ended();
      plan.clean?.();
      rmSync(plan.dir, { recursive: true, force: true });
    },
  };
}

/** Signals the process whose number stands first in that file. */
export function signalByFile(pidFile: string): ServerPlan['signal'] {
  return (name) => process.kill(Number(readFileSync(pidFile, 'utf8').split('\n')[0]), name);
}
