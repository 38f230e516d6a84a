import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { adaptedRun, adaptedRuns } from '../adapters/testing/meaning.js';
import { ahsayRow } from '../adapters/ahsay/testing/fixtures.js';
import { bareosJob } from '../adapters/bareos/testing/fixtures.js';
import { urbackupReport } from '../adapters/urbackup/testing/fixtures.js';
import type { EndpointAgent } from './endpoint.js';
import { snippetsFor } from './snippets.js';

jest.setTimeout(60_000);
const run = promisify(execFile);
let folder: string;
let server: Server;
let url: string;
/** What Backhaul answers, and what it got. */
let status: number;
let received: string[];
/** What the AhsayCBS of the test answers, by call. */
let answers: Record<string, unknown>;
let asked: { call: string; body: Record<string, unknown> }[];

async function answer(request: IncomingMessage): Promise<{ code: number; body: unknown }> {
  const body = await text(request);
  const call = /^\/cbs\/(.+)\.do$/.exec(request.url ?? '')?.[1];
  if (call !== undefined) {
    asked.push({ call, body: JSON.parse(body) as Record<string, unknown> });
    return {
      code: 200,
      body: answers[call] ?? { Status: 'Error', Message: '[Error] No Backup Job on that day' },
    };
  }
  if (status === 200) received.push(body);
  return { code: status, body: {} };
}

beforeEach(async () => {
  [status, received, answers, asked] = [200, [], {}, []];
  folder = mkdtempSync(join(tmpdir(), 'backhaul-snippets-'));
  server = createServer((request, response) => {
    void answer(request).then(({ code, body }) => response.writeHead(code).end(JSON.stringify(body)));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  await new Promise((closed) => server.close(closed));
  rmSync(folder, { recursive: true });
});

function place(name: string, content: string): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  chmodSync(file, 0o755);
  return file;
}

/** The pasted script, in the plainest shell there is. */
async function runSnippet(agent: EndpointAgent, title: RegExp, args: string[] = []): Promise<void> {
  const snippet = snippetsFor(agent, url).find((one) => title.test(one.title));
  const script = place('script', snippet?.text ?? 'exit 9');
  const env = {
    PATH: `${folder}:${process.env['PATH'] ?? ''}`,
    BACKHAUL_SPOOL: join(folder, 'spool'),
    BACKHAUL_CBS: `${url}/cbs`,
    BACKHAUL_LOGIN: join(folder, 'login.json'),
  };
  await run('sh', [script, ...args], { env });
}

const waiting = () => readdirSync(join(folder, 'spool')).filter((name) => name.endsWith('.json'));
const jsonRpc = (result: object) => JSON.stringify({ jsonrpc: '2.0', id: null, result }, null, 2);
/** bconsole says hello first, and answers `.api 2` too. */
const bconsole = (result: object) =>
  `#!/bin/sh\ncat >/dev/null\ncat <<'END'\nConnecting to Director localhost:9101\n1000 OK: backup-dir\n${jsonRpc({ api: 2 })}\n${jsonRpc(result)}\nEND\n`;

describe('Bareos', () => {
  const ARGS = ['4711', 'OK', 'nightly-globex', 'globex-srv1-fd', 'Backup', 'Incremental'];

  it('reports what the catalogue says of the job', async () => {
    place('bconsole', bconsole({ jobs: [bareosJob({ jobstatus: 'W' })] }));
    await runSnippet('bareos', /script on/, ARGS);
    const { result } = adaptedRun('bareos', received[0]);
    expect([result.outcome.status, result.identity.hostName]).toEqual([
      'success_with_warnings',
      'globex-srv1',
    ]);
    expect(waiting()).toEqual([]);
  });

  it('takes the end from the RunScript where the catalogue does not know it yet', async () => {
    place('bconsole', bconsole({ jobs: [bareosJob({ jobstatus: 'R', endtime: '' })] }));
    await runSnippet('bareos', /script on/, ['4711', 'Fatal Error', ...ARGS.slice(2)]);
    expect(adaptedRun('bareos', received[0]).result.outcome.status).toBe('failed');
  });

  it('reports by what the RunScript knows where the director is silent', async () => {
    place('bconsole', '#!/bin/sh\nexit 1\n');
    await runSnippet('bareos', /script on/, ARGS);
    const { result } = adaptedRun('bareos', received[0]);
    expect([result.outcome.status, result.job.nativeJobId, result.job.nativeRunId]).toEqual(['success', 'nightly-globex', '4711']);
  }); // prettier-ignore

  it('keeps a report through an outage, and catches up with what was missed', async () => {
    place('bconsole', bconsole({ jobs: [bareosJob()] }));
    status = 503;
    await runSnippet('bareos', /script on/, ARGS);
    expect([received.length, waiting().length]).toEqual([0, 1]);
    status = 200;
    place('bconsole', bconsole({ jobs: [bareosJob(), bareosJob({ jobid: '4712', jobstatus: 'f' })] }));
    await runSnippet('bareos', /script on/);
    expect([received.length, waiting().length]).toEqual([2, 0]);
    const keys = received.flatMap((body) => adaptedRuns('bareos', body)).map(({ nativeKey }) => nativeKey);
    expect(keys[1]).toBe(keys[0]);
    expect(new Set(keys).size).toBe(2);
  });

  it('sets aside what is too large, and sends the rest', async () => {
    place('bconsole', bconsole({ jobs: [bareosJob()] }));
    status = 413;
    await runSnippet('bareos', /script on/, ARGS);
    expect(readdirSync(join(folder, 'spool')).map((name) => name.endsWith('.json.refused'))).toEqual([true]);
  });
});

describe('Ahsay', () => {
  const today = new Date().toLocaleDateString('sv-SE');
  beforeEach(() => {
    place('login.json', JSON.stringify({ SysUser: 'backhaul', SysPwd: 'se"cret=1' }));
    answers = {
      '2/ListUsers': { Status: 'OK', Data: [{ LoginName: 'globex-fs' }, { LoginName: 'ann & "bob"' }] },
      ListBackupJobStatus: {
        Status: 'OK',
        Data: [ahsayRow(), ahsayRow({ ID: '2', BackupJobStatus: '', EndTime: '' })],
      },
    };
  });

  it('asks for each user’s jobs, and reports each answer once', async () => {
    await runSnippet('ahsay', /cron/);
    await runSnippet('ahsay', /cron/);
    expect(asked.every(({ body }) => body['SysPwd'] === 'se"cret=1')).toBe(true);
    expect(asked.filter(({ body }) => body['LoginName'] === 'ann & "bob"' && body['BackupDate'] === today)).toHaveLength(2);
    expect(received).toHaveLength(4);
    expect(received.join('')).not.toContain('se\\"cret');
    const runs = adaptedRuns('ahsay', received[0]).map(({ result }) => result.outcome.status);
    expect(runs).toEqual(['success', 'running']);
  }); // prettier-ignore

  it('reports again when a run has ended, and through an outage', async () => {
    status = 503;
    await runSnippet('ahsay', /cron/);
    const kept = waiting().length;
    answers['ListBackupJobStatus'] = { Status: 'OK', Data: [ahsayRow(), ahsayRow({ ID: '2', BackupJobStatus: 'BS_STOP_BY_SYSTEM_ERROR' })] };
    status = 200;
    await runSnippet('ahsay', /cron/);
    expect([kept, received.length, waiting().length]).toEqual([4, 8, 0]);
    expect(adaptedRuns('ahsay', received.at(-1)).map(({ result }) => result.outcome.status)).toEqual(['success', 'failed']);
  }); // prettier-ignore

  it('sends nothing where nothing ran', async () => {
    delete answers['ListBackupJobStatus'];
    await runSnippet('ahsay', /cron/);
    expect(received).toEqual([]);
  });
});

describe('UrBackup', () => {
  it('sends what the report script left, and keeps it through an outage', async () => {
    await run('mkdir', [join(folder, 'spool')]);
    place('spool/1795226400-14-0.json', JSON.stringify(urbackupReport()));
    place('spool/1795226401-15-0.tmp', '{"half');
    status = 503;
    await runSnippet('urbackup', /sender/);
    expect(waiting()).toHaveLength(1);
    status = 200;
    await runSnippet('urbackup', /sender/);
    expect(received.map((body) => adaptedRun('urbackup', body).result.outcome.status)).toEqual(['success']);
    expect(readdirSync(join(folder, 'spool'))).toEqual(['1795226401-15-0.tmp']);
  });
});
