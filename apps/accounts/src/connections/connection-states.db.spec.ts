import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { PartnerId } from '@backhaul/domain';
import type { ConnectionCheckPayload, Delivered } from '@backhaul/messaging';
import { httpBytes, tcpScript } from '@backhaul/psa/testing';
import { FixedClock, runProgram, runService, type RunningService } from '@backhaul/testing';
import { CONNECTWISE, TestRest } from '../testing/rest.js';
import { ConnectionChecksConsumer } from './connection-checks.consumer.js';

jest.setTimeout(120_000);
const clock = new FixedClock('2019-06-01T00:00:00Z');
let simulator: RunningService;
let rest: TestRest;
beforeAll(async () => {
  simulator = await runService('psa-simulator', {});
  rest = await TestRest.start([`127.0.0.1:${simulator.port}`, '127.0.0.1/32'], clock);
});
afterAll(async () => {
  await rest.close();
  await simulator.stop();
});

const PATH = 'psa/connectwise/connection';
const demo = () => ({
  siteUrl: `${simulator.url}/connectwise`,
  companyId: 'demo',
  publicKey: 'demoPublicKey',
  privateKey: 'demoPrivateKey',
  solutionName: 'Backhaul',
});
const get = (partnerId: PartnerId) => rest.call('GET', PATH, { partnerId });
const put = async (partnerId: PartnerId, body: object) =>
  rest.call('PUT', PATH, { partnerId, body, ifMatch: (await get(partnerId)).etag });
const test = (partnerId: PartnerId) => rest.call('POST', `${PATH}/test`, { partnerId });
const rows = (partnerId: PartnerId) =>
  rest.unitOfWork.query<Record<string, string>>('SELECT * FROM psa_connection WHERE partner_id = $1', [
    partnerId,
  ]);

const old = (partnerId: string) => ({
  partnerId,
  siteUrl: 'https://na.myconnectwise.net',
  companyId: 'acme',
  solutionName: 'Axcient',
  integratorName: 'old-login',
  integratorPassword: 'old-password-canary',
});
const importLines = (...lines: unknown[]): Promise<string> =>
  runProgram(
    'accounts',
    'import-connections.js',
    { DATABASE_URL: rest.database.url, KEY_ENCRYPTION_KEY: rest.kek },
    [],
    lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
  );

describe('a SOAP link of before', () => {
  it('B5-B7, B10, B11: is imported, shown, urged to change, and gone when both keys are saved', async () => {
    const partnerId = await rest.partner('Soap');
    expect(await importLines(old(partnerId))).toBe('line 1: imported\n');
    const { body } = await get(partnerId);
    expect(body).toMatchObject({
      state: 'needs change',
      mode: 'soap',
      siteUrl: 'https://na.myconnectwise.net',
      companyId: 'acme',
      publicKey: '',
      privateKeySet: false,
      solutionName: 'Axcient',
      integratorLogin: { name: 'old-login', passwordSet: true },
      soapEndsAt: '2020-01-01T00:00:00.000Z',
      notice: { kind: 'soap-ends' },
    });
    expect(JSON.stringify([body, await rows(partnerId)])).not.toContain('canary');
    const id = (await rows(partnerId))[0]?.['connection_id'] ?? '';
    const told = await rest.published('accounts.connections.v1', id);
    expect(told).toMatchObject([{ needsChange: true, sealedSecret: '', isEnabled: true }]);
    expect(JSON.stringify(told)).not.toContain('old-login');
    expect((await test(partnerId)).status).toBe(409);

    clock.set('2026-01-01T00:00:00Z');
    expect((await get(partnerId)).body).toMatchObject({ notice: { kind: 'soap-ended' } });
    for (const keys of [{ publicKey: 'p' }, { privateKey: 'p' }, {}]) {
      const { siteUrl, companyId, solutionName } = CONNECTWISE;
      expect((await put(partnerId, { siteUrl, companyId, solutionName, ...keys })).status).toBe(422);
      expect((await get(partnerId)).body).toMatchObject({
        mode: 'soap',
        integratorLogin: { name: 'old-login' },
      });
    }

    const switched = await put(partnerId, demo());
    expect(switched).toMatchObject({
      status: 200,
      body: { mode: 'rest', state: 'configured', notice: null },
    });
    expect(switched.body).not.toHaveProperty('integratorLogin');
    expect((await get(partnerId)).body).not.toHaveProperty('integratorLogin');
    expect(JSON.stringify(await rows(partnerId))).not.toMatch(/integrator|old-login/);
    const last = (await rest.published('accounts.connections.v1', id)).at(-1);
    expect(last).toMatchObject({ version: '2', endpoint: { publicKey: 'demoPublicKey' } });
    expect(last).not.toHaveProperty('needsChange');
    expect((await test(partnerId)).body).toMatchObject({ isOk: true });
  });

  it('is imported once, never over what is there, and a wrong line says so without repeating it', async () => {
    const [fresh, taken] = [await rest.partner('Twice'), await rest.partner('Taken')];
    await put(taken, demo());
    const lines = importLines(
      old(fresh), old(fresh), old(taken), '', '{"integratorPassword":"old-password-canary"', { ...old(fresh), more: 1 },
    ); // prettier-ignore
    await expect(lines).rejects.toThrow(
      /line 1: imported\nline 2: has a connection already\nline 3: has a connection already\nline 5: not an old connection\nline 6: not/,
    );
    await expect(lines).rejects.not.toThrow('canary');
    await expect(importLines(old('0191aaaa-0000-7000-8000-000000000000'))).rejects.toThrow('no such partner');
    expect((await get(taken)).body).toMatchObject({ mode: 'rest' });
  });
});

describe('what a test of the connection finds', () => {
  it('B14: rejected keys stay saved, the state says so until others are saved', async () => {
    const partnerId = await rest.partner('Rejected');
    await put(partnerId, { ...demo(), privateKey: 'wrong' });
    expect((await test(partnerId)).body).toMatchObject({ steps: [{ reason: 'unauthorized' }] });
    expect((await get(partnerId)).body).toMatchObject({
      state: 'credentials rejected',
      privateKeySet: true,
      lastTestedAt: '2026-01-01T00:00:00.000Z',
    });
    await put(partnerId, demo());
    expect((await get(partnerId)).body).toMatchObject({ state: 'configured', lastTestedAt: null });
    await test(partnerId);
    expect((await get(partnerId)).body).toMatchObject({ state: 'configured' });
  });

  it('B13: tells a wrong company from a wrong key; B20: says which solution is not there', async () => {
    const partnerId = await rest.partner('Wrong');
    await put(partnerId, { ...demo(), companyId: 'nobody' });
    expect((await test(partnerId)).body['steps']).toMatchObject([
      { reason: 'company_unknown', message: expect.stringContaining('Wrong company') },
    ]);
    await put(partnerId, { ...demo(), solutionName: 'Another' });
    const { body } = await test(partnerId);
    expect(body).toMatchObject({ isOk: false, version: 'v2025.1' });
    expect((body['steps'] as object[]).at(-1)).toMatchObject({
      name: 'solution',
      reason: 'solution_unknown',
    });
    await put(partnerId, { ...demo(), solutionName: 'Axcient' });
    expect((await test(partnerId)).body).toMatchObject({ isOk: true });
  });

  it('B14: shows what the PSA said of the credentials while tickets were worked on, the newest word about these', async () => {
    const partnerId = await rest.partner('At work');
    await put(partnerId, demo());
    const [row] = await rows(partnerId);
    const consumer = new ConnectionChecksConsumer(rest.unitOfWork);
    const tell = async (version: number, reason: string | null, second: number): Promise<unknown> => {
      const at = new Date(1.6e12 + second * 1000).toISOString();
      const payload = {
        connectionId: row?.['connection_id'],
        partnerId,
        version: String(version),
        reason,
        at,
      };
      await consumer.onChecks([{ payload } as unknown as Delivered<ConnectionCheckPayload>]);
      return (await get(partnerId)).body['state'];
    };
    const version = Number(row?.['version']);
    expect(await tell(version, 'unauthorized', 5)).toBe('credentials rejected');
    expect(await tell(version, null, 4)).toBe('credentials rejected');
    expect(await tell(version, null, 6)).toBe('configured');
    expect(await tell(version, 'unauthorized', 7)).toBe('credentials rejected');
    await put(partnerId, { ...demo(), privateKey: 'another' });
    expect(await tell(version, 'unauthorized', 8)).toBe('configured');
    expect(await tell(version + 1, 'unauthorized', 9)).toBe('credentials rejected');
  });

  it.each([
    ['B18: a member without a right', '403 Forbidden', 'forbidden', 'Member lacks permission'],
    ['an HTML page', '200 OK', 'unreadable_answer', 'page'],
    ['a redirect', '302 Found', 'redirected', 'redirects'],
    ['an error of the PSA', '500 Internal Server Error', 'server_error', 'error of its own'],
  ])('%s: says what it means, and repeats nothing of the answer', async (_what, status, reason, words) => {
    const partnerId = await rest.partner('Answers');
    const body = status.startsWith('200') ? '<html>body-canary</html>' : '{"message":"body-canary"}';
    const type = status.startsWith('200') ? 'text/html' : 'application/json';
    const server = await tcpScript((socket) =>
      socket.end(httpBytes(status, body, { 'content-type': type, location: 'http://127.0.0.1:1/' })),
    );
    try {
      await put(partnerId, { ...demo(), siteUrl: `http://127.0.0.1:${server.port}` });
      const answer = await test(partnerId);
      expect((answer.body['steps'] as object[])[0]).toMatchObject({
        reason,
        message: expect.stringContaining(words),
      });
      expect(JSON.stringify(answer)).not.toContain('canary');
    } finally {
      await server.close();
    }
  });
});
