import { appendFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startForTest, type Reply, type Running } from './testing/clients.js';

let running: Running;
beforeAll(async () => {
  running = await startForTest();
});
afterAll(() => running.simulator.close());
beforeEach(() => running.admin('POST', '/reset'));

const TICKET = { company: { id: 250 }, summary: 'Backup failed', externalXRef: 'BKA' };
const create = (on = running): Promise<Reply> => on.connectwise('POST', '/service/tickets', TICKET);
const tickets = async (on = running, query = ''): Promise<unknown[]> =>
  ((await on.admin('GET', `/tickets${query}`)).json as { items: unknown[] }).items;
const fault = (fields: Record<string, unknown>): Promise<Reply> => running.admin('POST', '/faults', fields);

describe('faults', () => {
  it.each<[kind: string, made: number]>([
    ['down', 0],
    ['drop_reply', 1],
    ['truncate', 1],
  ])('%s cuts the connection', async (kind, made) => {
    await fault({ kind, provider: 'connectwise', match: 'create', times: 1 });
    await expect(create()).rejects.toThrow();
    expect(await tickets()).toHaveLength(made);
    expect(await create()).toMatchObject({ status: 201 });
  });

  it('html_200, no_id and status answer in their way', async () => {
    await fault({ kind: 'html_200', times: 1 });
    expect((await create()).headers.get('content-type')).toBe('text/html');
    await fault({ kind: 'no_id', times: 1 });
    expect((await create()).json).not.toHaveProperty('id');
    await fault({ kind: 'status', status: 503, retryAfter: 7, times: 1 });
    const failed = await create();
    expect([failed.status, failed.headers.get('retry-after')]).toEqual([503, '7']);
    expect(await tickets()).toHaveLength(2);
  });

  it.each(['30', 'Fri, 20 Nov 2026 10:02:00 GMT', '99999'])(
    'rate_limit says Retry-After: %s',
    async (retryAfter) => {
      await fault({ kind: 'rate_limit', retryAfter, times: 1 });
      const reply = await create();
      expect(reply).toMatchObject({ status: 429, json: { error: 'ConnectWiseAPI' } });
      expect(reply.headers.get('retry-after')).toBe(retryAfter);
    },
  );

  it('rate_limit without a header has none', async () => {
    await fault({ kind: 'rate_limit', times: 1 });
    expect((await create()).headers.get('retry-after')).toBeNull();
  });

  it('redirect has done the work and says where to', async () => {
    await fault({ kind: 'redirect', location: 'http://elsewhere.example/', times: 1 });
    const reply = await create();
    expect([reply.status, reply.headers.get('location')]).toEqual([302, 'http://elsewhere.example/']);
    expect(await tickets()).toHaveLength(1);
    expect(await fault({ kind: 'redirect', location: 'a\r\nb' })).toMatchObject({ status: 400 });
  });

  it.each(['huge_body', 'endless', 'gzip_bomb'])('%s ends when the client hangs up', async (kind) => {
    await fault({ kind, provider: 'connectwise', match: 'create', times: 1 });
    const controller = new AbortController();
    const { signal } = controller;
    const url = `${running.simulator.url}/connectwise/v4_6_release/apis/3.0/service/tickets`;
    const answer = await fetch(url, { method: 'POST', body: '{}', signal });
    const reader = answer.body?.getReader();
    let read = 0;
    while (read < 10 << 20) read += (await reader?.read())?.value?.length ?? Infinity;
    controller.abort();
    expect(read).toBeLessThan(Infinity);
    expect(await create()).toMatchObject({ status: 201 });
  });

  it('many_headers has more than a client reads', async () => {
    await fault({ kind: 'many_headers', times: 1 });
    await expect(create()).rejects.toThrow();
  });

  it('secrets that were rotated are refused, and the new ones taken', async () => {
    await running.admin('PUT', '/switches', { connectwisePrivateKey: 'new', autotaskSecret: 'new' });
    expect(await create()).toMatchObject({ status: 401 });
    const query = { filter: [{ op: 'exist', field: 'id' }] };
    expect((await running.autotask('POST', '/Tickets/query', query)).status).toBe(401);
    const secret = { Secret: 'new' };
    expect((await running.autotask('POST', '/Tickets/query', query, secret)).status).toBe(200);
  });

  it('hang answers late, with the work done before', async () => {
    await fault({ kind: 'hang', delayMs: 50, times: 1 });
    const started = performance.now();
    expect(await create()).toMatchObject({ status: 201 });
    expect(performance.now() - started).toBeGreaterThanOrEqual(45);
  });

  it('strikes only its PSA and operation, as often as told', async () => {
    await fault({ kind: 'status', provider: 'autotask', match: 'create' });
    await fault({ kind: 'status', provider: 'connectwise', match: 'note', times: 2 });
    const id = ((await create()).json as { id: number }).id;
    const note = (): Promise<Reply> =>
      running.connectwise('POST', `/service/tickets/${id}/notes`, { text: 'x', internalAnalysisFlag: true });
    expect([(await note()).status, (await note()).status, (await note()).status]).toEqual([500, 500, 201]);
  });

  it('close and reopen are told apart by the status that is set', async () => {
    const id = ((await create()).json as { id: number }).id;
    await fault({ kind: 'status', match: 'close' });
    const set = (status: number): Promise<Reply> =>
      running.connectwise('PATCH', `/service/tickets/${id}`, [
        { op: 'replace', path: 'status', value: { id: status } },
      ]);
    expect([(await set(102)).status, (await set(104)).status]).toEqual([200, 500]);
  });

  it('a rate with a seed gives the same run twice', async () => {
    const run = async (): Promise<number[]> => {
      await running.admin('POST', '/reset');
      await fault({ kind: 'status', rate: 0.5, seed: 42 });
      const statuses: number[] = [];
      for (let call = 0; call < 20; call += 1) statuses.push((await create()).status);
      return statuses;
    };
    const first = await run();
    expect(new Set(first)).toEqual(new Set([201, 500]));
    expect(await run()).toEqual(first);
  });

  it.each<[what: string, body: unknown]>([
    ['no kind', {}],
    ['an unknown kind', { kind: 'earthquake' }],
    ['an unknown PSA', { kind: 'down', provider: 'other' }],
    ['an unknown operation', { kind: 'down', match: 'dance' }],
    ['no times', { kind: 'down', times: 0 }],
    ['half a status', { kind: 'status', status: 99 }],
    ['a rate above 1', { kind: 'down', rate: 2 }],
    ['a list', []],
  ])('%s: 400 that says why', async (_what, body) => {
    expect(await fault(body as Record<string, unknown>)).toMatchObject({
      status: 400,
      json: { message: expect.any(String) },
    });
  });

  it('are listed and taken back', async () => {
    await fault({ kind: 'down' });
    expect((await running.admin('GET', '/faults')).json).toMatchObject({ items: [{ kind: 'down' }] });
    await running.admin('DELETE', '/faults');
    expect(await create()).toMatchObject({ status: 201 });
  });
});

describe('what the operator sees', () => {
  it('tickets of both PSAs by marker', async () => {
    await create();
    expect(await tickets(running, '?marker=bka&provider=connectwise')).toMatchObject([
      { marker: 'BKA', companyName: 'ACME Corp', status: 'New' },
    ]);
    expect(await tickets(running, '?provider=autotask')).toEqual([]);
  });

  it('requests with their bodies and without a credential', async () => {
    await create();
    await running.autotask('GET', '/Tickets/1');
    const reply = await running.admin('GET', '/requests');
    expect(reply.json).toMatchObject({
      items: [
        { provider: 'connectwise', operation: 'create', method: 'POST', body: TICKET, status: 201 },
        { provider: 'autotask', operation: 'get' },
      ],
    });
    for (const secret of ['Basic ', 'demoSecret', 'DEMOTRACKINGIDENTIFIER00001', 'api@demo.example'])
      expect(reply.text).not.toContain(secret);
  });

  it('a page that runs no foreign script, and the links by which PSAs open a ticket', async () => {
    const page = await fetch(`${running.simulator.url}/`);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'");
    const script = await (await fetch(`${running.simulator.url}/page.js`)).text();
    expect(script).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write/);
    const link =
      '/connectwise/v4_6_release/services/system_io/Service/fv_sr100_request.rails?service_recid=7';
    const opened = await fetch(`${running.simulator.url}${link}`, { redirect: 'manual' });
    expect(opened.headers.get('location')).toBe('/psa/connectwise/tickets/7');
  });

  it('a stream that tells of every change', async () => {
    const response = await fetch(`${running.simulator.url}/admin/stream`);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toContain('event: changed');
    await create();
    expect((await reader?.read())?.value).toContain('event: changed');
    await reader?.cancel();
  });

  it('health and the number of tickets on the other port', async () => {
    await create();
    const { managementUrl } = running.simulator;
    expect((await fetch(`${managementUrl}/health/ready`)).status).toBe(200);
    expect(await (await fetch(`${managementUrl}/metrics`)).text()).toContain(
      'simulator_tickets{provider="connectwise",state="open"} 1',
    );
  });
});

describe('a restart', () => {
  const path = (): string => join(mkdtempSync(join(tmpdir(), 'simulator-')), 'deep', 'tickets.jsonl');

  it('keeps tickets and notes, forgets deleted ones, and gives no id twice', async () => {
    const dataFile = path();
    const first = await startForTest(dataFile);
    const kept = ((await create(first)).json as { id: number }).id;
    const deleted = ((await create(first)).json as { id: number }).id;
    await first.connectwise('POST', `/service/tickets/${kept}/notes`, {
      text: 'well',
      internalAnalysisFlag: true,
    });
    await first.connectwise('DELETE', `/service/tickets/${deleted}`);
    await first.simulator.close();
    const second = await startForTest(dataFile);
    expect(await tickets(second)).toMatchObject([{ id: String(kept), notes: [{ text: 'well' }] }]);
    expect(((await create(second)).json as { id: number }).id).toBeGreaterThan(deleted);
    await second.simulator.close();
  });

  it('reads past a line that a kill tore', async () => {
    const dataFile = path();
    const first = await startForTest(dataFile);
    await create(first);
    await first.simulator.close();
    appendFileSync(dataFile, '{"kind":"put","ticket":{"provi');
    const second = await startForTest(dataFile);
    expect(await tickets(second)).toHaveLength(1);
    await create(second);
    await second.simulator.close();
    const third = await startForTest(dataFile);
    expect(await tickets(third)).toHaveLength(2);
    await third.simulator.close();
  });
});
