import { setTimeout as pause } from 'node:timers/promises';
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { eventually, freePort } from '@backhaul/testing';
import { Agent, request } from 'undici';

// Each child loads Nest anew, which takes seconds on a busy machine.
jest.setTimeout(120_000);

const CHILD = join(import.meta.dirname, '../testing/child-service.mjs');
const running = new Set<ChildProcess>();

interface Ports {
  port: number;
  managementPort: number;
}

class Child {
  output = '';
  readonly exited: Promise<number | null>;
  private readonly process: ChildProcess;

  constructor(
    readonly ports: Ports,
    extra: object = {},
  ) {
    this.process = spawn(process.execPath, [CHILD, JSON.stringify({ ...ports, ...extra })]);
    running.add(this.process);
    this.process.stdout?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    this.process.stderr?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    this.exited = new Promise((done) => this.process.once('exit', (code) => done(code)));
  }

  async isReady(): Promise<boolean> {
    try {
      const { statusCode, body } = await request(
        `http://127.0.0.1:${this.ports.managementPort}/health/ready`,
      );
      await body.dump();
      return statusCode === 200;
    } catch {
      return false;
    }
  }

  whenReady(): Promise<void> {
    return eventually(async () => expect(await this.isReady()).toBe(true), { timeoutMs: 30_000 });
  }

  terminate(): void {
    this.process.kill('SIGTERM');
  }
}

afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
});

const twoPorts = async (): Promise<Ports> => ({ port: await freePort(), managementPort: await freePort() });
const work = (port: number, dispatcher?: Agent): ReturnType<typeof request> =>
  request(`http://127.0.0.1:${port}/work`, { method: 'POST', ...(dispatcher ? { dispatcher } : {}) });

describe('a service that is told to stop', () => {
  test('answers what it has begun, takes no more, ends in order and with 0', async () => {
    const child = new Child(await twoPorts(), { workMs: 700 });
    await child.whenReady();
    const startedAt = performance.now();
    const begun = work(child.ports.port);
    await eventually(async () => expect(await inFlight(child)).toBeGreaterThan(0));
    child.terminate();
    await eventually(async () => expect(await child.isReady()).toBe(false), { intervalMs: 10 });
    const answer = await begun;
    expect([answer.statusCode, await answer.body.json()]).toEqual([201, { pid: expect.any(Number) }]);
    await expect(work(child.ports.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(await child.exited).toBe(0);
    // Far below the drain time: a kept-alive connection does not hold it up.
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(child.output).toContain('"order":["drain","application","stop"]');
  });

  test('is not ready from the signal on, while it still answers through the pre-drain delay', async () => {
    const child = new Child(await twoPorts(), { shutdown: { preDrainMs: 1500 } });
    await child.whenReady();
    child.terminate();
    await eventually(async () => expect(await child.isReady()).toBe(false), {
      timeoutMs: 1000,
      intervalMs: 10,
    });
    const answer = await work(child.ports.port);
    await answer.body.dump();
    expect([answer.statusCode, answer.headers['connection']]).toEqual([201, 'close']);
    expect(await child.exited).toBe(0);
  });

  test('that cannot drain ends all the same, with 1', async () => {
    const child = new Child(await twoPorts(), { shutdown: { drainMs: 30_000, hardKillMs: 500 } });
    await child.whenReady();
    const hung = request(`http://127.0.0.1:${child.ports.port}/hang`).catch(() => 'cut');
    await eventually(async () => expect(await inFlight(child)).toBeGreaterThan(0));
    child.terminate();
    expect(await child.exited).toBe(1);
    expect(await hung).toBe('cut');
  });

  test('cuts what hangs after the drain time and then ends with 0', async () => {
    const child = new Child(await twoPorts(), { shutdown: { drainMs: 300 } });
    await child.whenReady();
    const hung = request(`http://127.0.0.1:${child.ports.port}/hang`).catch(() => 'cut');
    await eventually(async () => expect(await inFlight(child)).toBeGreaterThan(0));
    child.terminate();
    expect([await hung, await child.exited]).toEqual(['cut', 0]);
  });
});

test('rolling restarts under load fail no request', async () => {
  const settings = { shutdown: { preDrainMs: 300 } };
  const children = [new Child(await twoPorts(), settings), new Child(await twoPorts(), settings)];
  for (const child of children) await child.whenReady();
  const balancer = new Balancer(children);
  const load = balancer.run(8);
  for (let round = 0; round < 3; round += 1) {
    for (const [index, child] of children.entries()) {
      child.terminate();
      expect(await child.exited).toBe(0);
      const next = new Child(child.ports, settings);
      children[index] = next;
      await next.whenReady();
      await eventually(async () => expect(balancer.ready.has(child.ports.port)).toBe(true), {
        timeoutMs: 30_000,
      });
    }
  }
  balancer.stop();
  await load;
  expect(balancer.failures).toEqual([]);
  expect(balancer.answered).toBeGreaterThan(300);
});

test('a port in use is named with the setting that changes it, and the exit code is 1', async () => {
  const first = new Child(await twoPorts());
  await first.whenReady();
  const second = new Child({ port: first.ports.port, managementPort: await freePort() });
  expect(await second.exited).toBe(1);
  expect(second.output).toContain(`Port ${first.ports.port} is already in use. Set PORT to a free port`);
  const third = new Child({ port: await freePort(), managementPort: first.ports.managementPort });
  expect(await third.exited).toBe(1);
  expect(third.output).toContain('Set MANAGEMENT_PORT');
});

/** Sends to whatever is ready, as a Kubernetes service does; keeps connections alive. */
class Balancer {
  readonly ready = new Set<number>();
  readonly failures: string[] = [];
  answered = 0;
  private isRunning = true;
  private readonly agent = new Agent({ connections: 8, keepAliveTimeout: 4000 });

  constructor(private readonly children: readonly Child[]) {
    for (const child of children) this.ready.add(child.ports.port);
  }

  async run(workers: number): Promise<void> {
    await Promise.all([this.probe(), ...Array.from({ length: workers }, (_, i) => this.send(i))]);
    await this.agent.close();
  }

  stop(): void {
    this.isRunning = false;
  }

  private async probe(): Promise<void> {
    while (this.isRunning) {
      for (const child of this.children) {
        if (await child.isReady()) this.ready.add(child.ports.port);
        else this.ready.delete(child.ports.port);
      }
      await pause(20);
    }
  }

  private async send(worker: number): Promise<void> {
    for (let i = worker; this.isRunning; i += 1) {
      const ports = [...this.ready];
      const port = ports[i % ports.length] ?? 0;
      try {
        const { statusCode, body } = await work(port, this.agent);
        await body.dump();
        if (statusCode === 201) this.answered += 1;
        else this.failures.push(`${port}: ${statusCode}`);
      } catch (error) {
        this.failures.push(`${port}: ${String(error)}`);
      }
    }
  }
}

/** From the management port, as any scraper would see it. */
async function inFlight(child: Child): Promise<number> {
  const { body } = await request(`http://127.0.0.1:${child.ports.managementPort}/metrics`);
  return Number(/^http_requests_in_flight (\d+)/m.exec(await body.text())?.[1] ?? 0);
}
