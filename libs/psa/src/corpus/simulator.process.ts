import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface SimulatorProcess {
  /** Such as `http://127.0.0.1:41234`. */
  url: string;
  /** JSON of the operator's API. */
  admin(method: string, path: string, body?: unknown): Promise<unknown>;
  kill(signal: NodeJS.Signals): Promise<void>;
  close(): Promise<void>;
}

export const SIMULATOR_ENTRY = fileURLToPath(
  new URL('../../../../apps/psa-simulator/dist/main.js', import.meta.url),
);

/** Starts the simulator as its own process on free ports. @throws Error with what it printed, if it ends at once */
export async function startSimulatorProcess(
  options: { entry?: string; dataFile?: string } = {},
): Promise<SimulatorProcess> {
  const env = { PORT: '0', MANAGEMENT_PORT: '0', DATA_FILE: options.dataFile ?? '', LOG_LEVEL: 'info' };
  const child = spawn(process.execPath, [options.entry ?? SIMULATOR_ENTRY], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  const errors: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => errors.push(text));
  const url = await Promise.race([listeningAt(child.stdout), exited.then(() => null)]);
  if (url === null) throw new Error(`the simulator did not start: ${errors.join('')}`);
  child.stdout.resume();
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await exited;
  };
  return {
    url,
    kill,
    close: () => kill('SIGTERM'),
    admin: (method, path, body) => admin(`${url}${path}`, method, body),
  };
}

async function listeningAt(stdout: NodeJS.ReadableStream): Promise<string | null> {
  for await (const line of createInterface({ input: stdout })) {
    const { url } = JSON.parse(line) as { url?: unknown };
    if (typeof url === 'string') return url;
  }
  return null;
}

async function admin(url: string, method: string, body: unknown): Promise<unknown> {
  const init =
    body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(url, { method, ...init });
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
  return response.status === 204 ? null : response.json();
}
