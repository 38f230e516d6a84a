import { afterAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, freePort, repoRoot, runService } from './index.js';

const dir = mkdtempSync(join(tmpdir(), 'backhaul-spec-'));
afterAll(async () => {
  const { asideOf } = (await import(join(repoRoot, 'scripts/infrastructure/aside.mjs'))) as {
    asideOf(of: string): string;
  };
  for (const each of [dir, asideOf(dir)]) rmSync(each, { recursive: true, force: true });
});

const accepts = (port: number) =>
  new Promise<boolean>((done) => {
    const socket = createConnection(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.on('error', () => done(false));
  });

describe('an app as a real process', () => {
  it('is ready when it is handed over, keeps its log, and stops in order', async () => {
    const service = await runService('psa-simulator', { DATA_FILE: join(dir, 'tickets.json') });
    const answer = await fetch(`http://127.0.0.1:${service.managementPort}/health/ready`);
    expect(answer.status).toBe(200);
    expect(await accepts(service.port)).toBe(true);
    await service.stop();
    expect(await service.exited).toBe(0);
    expect(await accepts(service.port)).toBe(false);
  }, 60_000);

  it('can be killed, and says by what it ended', async () => {
    const service = await runService('psa-simulator', { DATA_FILE: join(dir, 'killed.json') });
    service.kill();
    expect(await service.exited).toBe('SIGKILL');
  }, 60_000);

  it('that does not start fails the test at once, with what it wrote', async () => {
    const starting = runService('psa-simulator', { PORT: 'no port', DATA_FILE: join(dir, 'none.json') });
    await expect(starting).rejects.toThrow(/psa-simulator is not ready[\s\S]*PORT/);
  }, 30_000);
});

describe('a server whose starter was killed', () => {
  it('ends by itself: no run of the tests leaves an orphan', async () => {
    const owner = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
    const port = await freePort();
    const wrapper = spawn(
      process.execPath,
      [
        join(repoRoot, 'scripts/infrastructure/postgres.mjs'),
        '--data',
        join(dir, 'pg'),
        '--port',
        String(port),
      ],
      { env: { ...process.env, BACKHAUL_OWNER_PID: String(owner.pid) }, stdio: 'ignore' },
    );
    await eventually(() => accepts(port), { timeoutMs: 40_000 });
    expect(readFileSync(join(dir, 'postgres.password'), 'utf8')).not.toBe('');
    owner.kill('SIGKILL');
    await eventually(async () => !(await accepts(port)), { timeoutMs: 20_000 });
    await eventually(() => wrapper.exitCode !== null || wrapper.signalCode !== null, { timeoutMs: 20_000 });
  }, 90_000);
});
