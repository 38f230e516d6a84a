import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './eventually.js';
import { freePort } from './free-port.js';
import { repoRoot } from './servers.js';

/** One of our apps as a real process. */
export interface RunningService {
  readonly url: string;
  readonly port: number;
  readonly managementPort: number;
  readonly pid: number;
  /** What it wrote so far, both streams. */
  logs(): string;
  /** Leaves unread what it writes, as a log collector does that hangs; and reads on. */
  readLogs(isRead: boolean): void;
  kill(signal?: NodeJS.Signals): void;
  /** Resolves with exit code or signal. */
  readonly exited: Promise<number | NodeJS.Signals>;
  /** Orderly, within 20 s. */
  stop(): Promise<void>;
}

export interface ServiceOptions {
  /** Waits until it is ready; a service that is to crash at once is not waited for. */
  wait?: boolean;
  port?: number;
  managementPort?: number;
  /** Descriptors that it may have. */
  openFiles?: number;
}

function dist(app: string, file: string): string {
  const path = join(repoRoot, 'apps', app, 'dist', file);
  if (!existsSync(path)) throw new Error(`${path} does not exist: build first (npm test does)`);
  return path;
}

/** Each start after the first finds its code compiled: a third less processor time for it. */
const COMPILED = { NODE_COMPILE_CACHE: join(repoRoot, '.data/compile-cache') };

function spawnNode(file: string, env: Record<string, string>, openFiles?: number): ChildProcess {
  const lifeline = join(repoRoot, 'scripts/infrastructure/lifeline.mjs');
  const node = [process.execPath, '--disable-warning=TimeoutNegativeWarning', '--disable-proto=delete'];
  const limited = openFiles === undefined ? [] : ['sh', '-c', `ulimit -n ${openFiles}; exec "$0" "$@"`];
  const [command = '', ...args] = [...limited, ...node, '--import', lifeline, file];
  return spawn(command, args, {
    cwd: repoRoot,
    env: {
      PATH: process.env['PATH'],
      ...COMPILED,
      NODE_ENV: 'production',
      MALLOC_MMAP_THRESHOLD_: '1048576',
      HOST: '127.0.0.1',
      LOG_LEVEL: 'info',
      BACKHAUL_OWNER_PID: String(process.pid),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs a program of an app to its end, such as its migrations; answers what it printed. */
export async function runProgram(
  app: string,
  file: string,
  env: Record<string, string>,
  args: string[] = [],
  input = '',
): Promise<string> {
  const child = spawn(process.execPath, [dist(app, file), ...args], {
    cwd: repoRoot,
    env: { PATH: process.env['PATH'], ...COMPILED, ...env },
  });
  child.stdin.end(input);
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const code = await new Promise((done) => child.once('exit', done));
  if (code !== 0) throw new Error(`${app}/${file} ended with ${String(code)}: ${output}${errors}`);
  return output;
}

export async function runService(
  app: string,
  env: Record<string, string>,
  options: ServiceOptions = {},
): Promise<RunningService> {
  const port = options.port ?? (await freePort());
  const managementPort = options.managementPort ?? (await freePort());
  const ports = { PORT: String(port), MANAGEMENT_PORT: String(managementPort) };
  const child = spawnNode(dist(app, 'main.js'), { ...ports, ...env }, options.openFiles);
  let output = '';
  const keep = (chunk: Buffer) => (output += chunk.toString());
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  // Not at `exit`: its last words may still be on their way.
  const exited = new Promise<number | NodeJS.Signals>((done) =>
    child.once('close', (code, signal) => done(signal ?? code ?? 0)),
  );
  const service: RunningService = {
    url: `http://127.0.0.1:${port}`,
    port,
    managementPort,
    pid: child.pid ?? 0,
    logs: () => output,
    readLogs: (isRead) => {
      for (const stream of [child.stdout, child.stderr])
        if (isRead) stream?.resume();
        else stream?.pause();
    },
    kill: (signal = 'SIGKILL') => void child.kill(signal),
    exited,
    stop: async () => {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
      await exited;
      clearTimeout(timer);
    },
  };
  if (options.wait !== false) await untilReady(app, service);
  return service;
}

async function untilReady(app: string, service: RunningService): Promise<void> {
  let end: number | NodeJS.Signals | undefined;
  void service.exited.then((how) => (end = how));
  try {
    await eventually(
      async () => {
        if (end !== undefined) return true;
        return (await fetch(`http://127.0.0.1:${service.managementPort}/health/ready`)).ok;
      },
      { timeoutMs: 120_000, intervalMs: 150 },
    );
    if (end !== undefined) throw new Error(`it ended with ${end}`);
  } catch (error) {
    service.kill();
    throw new Error(`${app} is not ready (${String(error)}): ${service.logs().slice(-4000)}`, {
      cause: error,
    });
  }
}
