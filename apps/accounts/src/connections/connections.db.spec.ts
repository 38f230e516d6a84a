import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { PartnerId } from '@backhaul/domain';
import { parseSealed, placeOfConnection, seal, SealError } from '@backhaul/persistence';
import { openFields } from '@backhaul/persistence/opening';
import { runService, type RunningService } from '@backhaul/testing';
import { AUTOTASK, CONNECTWISE, pointersOf, TestRest } from '../testing/rest.js';

jest.setTimeout(60_000);
let simulator: RunningService;
let rest: TestRest;
beforeAll(async () => {
  simulator = await runService('psa-simulator', {});
  rest = await TestRest.start([`127.0.0.1:${simulator.port}`]);
});
afterAll(async () => {
  await rest.close();
  await simulator.stop();
});

const PATH = 'psa/connectwise/connection';
const SETTINGS = 'psa/connectwise/settings';
const put = async (partnerId: PartnerId, body: object, path = PATH) => {
  const { etag } = await rest.call('GET', path, { partnerId });
  return rest.call('PUT', path, { partnerId, body, ifMatch: etag });
};
interface Row {
  connection_id: string;
  sealed_secret: string;
  version: number;
}
const rowOf = async (partnerId: PartnerId): Promise<Row> => {
  const rows = await rest.unitOfWork.query<Row>('SELECT * FROM psa_connection WHERE partner_id = $1', [
    partnerId,
  ]);
  return rows[0] as Row;
};
const demo = () => ({
  siteUrl: `${simulator.url}/connectwise`,
  companyId: 'demo',
  publicKey: 'demoPublicKey',
  privateKey: 'demoPrivateKey',
  solutionName: 'Backhaul',
});

describe('PSA connections over REST', () => {
  it('B3, B4: begins empty with an ETag, keeps the form, and forgets it', async () => {
    const partnerId = await rest.partner('Form');
    const empty = await rest.call('GET', PATH, { partnerId });
    expect(empty).toMatchObject({
      status: 200,
      body: { isConfigured: false, siteUrl: '', privateKeySet: false },
    });
    const stored = await rest.call('PUT', PATH, { partnerId, body: CONNECTWISE, ifMatch: empty.etag });
    expect(stored.status).toBe(200);
    expect(stored.body).toEqual({
      provider: 'connectwise',
      isConfigured: true,
      state: 'configured',
      lastTestedAt: null,
      mode: 'rest',
      siteUrl: 'https://na.myconnectwise.net',
      companyId: 'acme',
      publicKey: '****Key1',
      privateKeySet: true,
      solutionName: 'Backhaul',
      soapEndsAt: '2020-01-01T00:00:00.000Z',
      notice: null,
    });
    expect(await rest.call('GET', PATH, { partnerId })).toMatchObject({
      body: stored.body,
      etag: stored.etag,
    });
    const { connection_id: id } = await rowOf(partnerId);
    expect((await rest.call('DELETE', PATH, { partnerId })).status).toBe(428);
    expect((await rest.call('DELETE', PATH, { partnerId, ifMatch: stored.etag })).status).toBe(204);
    expect((await rest.call('DELETE', PATH, { partnerId, ifMatch: stored.etag })).status).toBe(404);
    expect(await rest.published('accounts.connections.v1', id)).toEqual([
      expect.objectContaining({ connectionId: id, partnerId, version: '1', isEnabled: false }),
      null,
    ]);
    const again = await put(partnerId, CONNECTWISE);
    expect(again.etag).not.toBe(stored.etag);
  });

  it('B15: says beside the field that ConnectWise shows a private key only right after it was made', async () => {
    const { payload } = await rest.http.fastify.inject('/openapi.json');
    expect(payload).toContain('only right after it was made. Lost: make a new pair of keys there');
  });

  it.each([
    ['credentials (B1, E30)', 'psa/connectwise/connection'],
    ['settings (D16, E31)', 'psa/autotask/settings'],
  ])('the page of %s is shown to who manages the partnership, and refused to others', async (_what, path) => {
    for (const role of ['partner-read-only', 'partner-customer-service', 'power-user'] as const)
      for (const method of ['GET', 'PUT'] as const)
        expect(
          (await rest.call(method, path, { role, body: { enabled: true }, ifMatch: '"1"' })).status,
        ).toBe(403);
    const partnerId = await rest.partner(`Pages ${path}`);
    expect((await rest.call('GET', path, { partnerId })).status).toBe(200);
  });

  it('B16: seals the private key, bound to its row', async () => {
    const [mine, other] = [await rest.partner('Mine'), await rest.partner('Other')];
    await put(mine, { ...CONNECTWISE, privateKey: 'canary-of-mine' });
    await put(other, CONNECTWISE);
    const [row, elsewhere] = [await rowOf(mine), await rowOf(other)];
    expect(JSON.stringify(row)).not.toContain('canary-of-mine');
    const place = (partnerId: PartnerId, { connection_id }: Row) =>
      placeOfConnection({ partnerId, connectionId: connection_id });
    const open = (at: ReturnType<typeof place>) => openFields(rest.keyring, at, row.sealed_secret).reveal();
    expect(open(place(mine, row))).toEqual({ privateKey: 'canary-of-mine' });
    for (const at of [place(other, row), place(mine, elsewhere), place(other, elsewhere)])
      expect(() => open(at)).toThrow(SealError);
    expect(parseSealed(elsewhere.sealed_secret)).toMatchObject({
      kekId: rest.keyring.current.id,
      version: 1,
    });
    expect(parseSealed(elsewhere.sealed_secret)?.wrapped).not.toBe(parseSealed(row.sealed_secret)?.wrapped);
    const sent = await rest.published('accounts.connections.v1', row.connection_id);
    expect(sent).toMatchObject([{ sealedSecret: row.sealed_secret }]);
    expect(JSON.stringify(sent)).not.toContain('canary');
  });

  it('B16: shows a connection whose secrets cannot be opened any more, and lets them be given again', async () => {
    const partnerId = await rest.partner('Copied');
    await put(partnerId, CONNECTWISE);
    const { sealed_secret: foreign } = await rowOf(
      await rest.partner('Source').then(async (source) => {
        await put(source, CONNECTWISE);
        return source;
      }),
    );
    await rest.unitOfWork.query('UPDATE psa_connection SET sealed_secret = $2 WHERE partner_id = $1', [
      partnerId,
      foreign,
    ]);
    expect(await rest.call('GET', PATH, { partnerId })).toMatchObject({
      status: 200,
      body: { privateKeySet: false },
    });
    const { privateKey: _, ...without } = CONNECTWISE;
    expect(pointersOf(await put(partnerId, without))).toEqual(['/privateKey']);
    expect(await put(partnerId, CONNECTWISE)).toMatchObject({ status: 200, body: { privateKeySet: true } });
  });

  it('B19: lets one of several saves of the same version through, the first save too', async () => {
    const partnerId = await rest.partner('Race');
    for (let round = 1; round <= 2; round += 1) {
      const { etag } = await rest.call('GET', PATH, { partnerId });
      const answers = await Promise.all(
        ['a', 'b', 'c', 'd'].map((companyId) =>
          rest.call('PUT', PATH, { partnerId, body: { ...CONNECTWISE, companyId }, ifMatch: etag }),
        ),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412]);
      expect((await rowOf(partnerId)).version).toBe(round);
    }
  });

  it('never publishes old credentials beside new settings, however the two are saved at once', async () => {
    const partnerId = await rest.partner('Both');
    await put(partnerId, CONNECTWISE);
    await put(partnerId, { enabled: true }, SETTINGS);
    for (let round = 0; round < 8; round += 1) {
      const answers = await Promise.all([
        put(partnerId, { ...CONNECTWISE, privateKey: `key-${round}` }),
        put(partnerId, { enabled: true, ticketing: { boardId: round + 1 } }, SETTINGS),
      ]);
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      const row = await rowOf(partnerId);
      const sent = await rest.published('accounts.connections.v1', row.connection_id);
      expect(sent.at(-1)).toMatchObject({
        sealedSecret: row.sealed_secret,
        version: String(row.version),
        ticketing: { boardId: round + 1 },
      });
    }
  });

  it('B17: changes the URL alone, and the key still works', async () => {
    const partnerId = await rest.partner('Keeps');
    await put(partnerId, demo());
    const { publicKey: _, privateKey: __, ...rest17 } = demo();
    const siteUrl = `${simulator.url}/connectwise/`;
    for (const keys of [{}, { publicKey: '****cKey' }, { publicKey: 'demoPublicKey', privateKey: '' }]) {
      expect(await put(partnerId, { ...rest17, ...keys, siteUrl })).toMatchObject({
        status: 200,
        body: { privateKeySet: true, publicKey: '****cKey' },
      });
      await rest.unitOfWork.query('DELETE FROM connection_test');
      const { body } = await rest.call('POST', `${PATH}/test`, { partnerId });
      expect(body).toMatchObject({ isOk: true });
    }
    expect(pointersOf(await put(partnerId, { ...rest17, publicKey: 'another' }))).toEqual(['/privateKey']);
  });

  it('opens what the scheme of before sealed, and seals it anew with the next save of either kind', async () => {
    const partnerId = await rest.partner('Before');
    await put(partnerId, demo());
    const { connection_id: id } = await rowOf(partnerId);
    const old = seal(
      Buffer.from(rest.kek, 'base64'),
      `${partnerId}|psa_connection|${id}|secret`,
      JSON.stringify({ privateKey: 'demoPrivateKey' }),
    );
    const age = () =>
      rest.unitOfWork.query('UPDATE psa_connection SET sealed_secret = $2 WHERE partner_id = $1', [
        partnerId,
        old,
      ]);
    for (const save of [
      () => put(partnerId, { enabled: true }, SETTINGS),
      () => put(partnerId, { ...demo(), privateKey: '' }),
    ]) {
      await age();
      expect(await rest.call('GET', PATH, { partnerId })).toMatchObject({ body: { privateKeySet: true } });
      expect(await rest.call('POST', `${PATH}/test`, { partnerId })).toMatchObject({ body: { isOk: true } });
      expect((await save()).status).toBe(200);
      const { sealed_secret: now } = await rowOf(partnerId);
      expect(parseSealed(now)).toMatchObject({ version: 1 });
      expect((await rest.published('accounts.connections.v1', id)).at(-1)).toMatchObject({
        sealedSecret: now,
      });
    }
  });

  it.each([
    ['B2: an unknown provider', 'GET', 'psa/jira/connection', undefined, 400],
    ['B3: a missing field', 'PUT', PATH, { ...CONNECTWISE, companyId: undefined }, 400],
    ['B8: a public key alone', 'PUT', PATH, { ...CONNECTWISE, privateKey: undefined }, 422],
    ['B8: a private key alone', 'PUT', PATH, { ...CONNECTWISE, publicKey: undefined }, 422],
    [
      'B10: an integrator login alone',
      'PUT',
      PATH,
      { ...CONNECTWISE, publicKey: '', privateKey: '', integratorLogin: { name: 'a', password: 'b' } },
      422,
    ],
    ['B12: plain http', 'PUT', PATH, { ...CONNECTWISE, siteUrl: 'http://na.myconnectwise.net' }, 422],
    ['B12: no host', 'PUT', PATH, { ...CONNECTWISE, siteUrl: 'https://' }, 422],
    [
      'B12: a login page',
      'PUT',
      PATH,
      { ...CONNECTWISE, siteUrl: 'https://na.myconnectwise.net/login' },
      422,
    ],
    ['B13: an empty company', 'PUT', PATH, { ...CONNECTWISE, companyId: '' }, 422],
    ['B13: a company with a plus', 'PUT', PATH, { ...CONNECTWISE, companyId: 'a+b' }, 422],
    ['B13: a company with a space', 'PUT', PATH, { ...CONNECTWISE, companyId: 'a b' }, 422],
    ['a wrong type', 'PUT', PATH, { ...CONNECTWISE, publicKey: 7 }, 400],
    ['an unknown field', 'PUT', PATH, { ...CONNECTWISE, colour: 'red' }, 400],
    ['the fields of the other PSA', 'PUT', PATH, AUTOTASK, 400],
    ['a list', 'PUT', PATH, [], 400],
    ['B12: a private address', 'PUT', PATH, { ...CONNECTWISE, siteUrl: 'https://10.0.0.1' }, 422],
    [
      'B9: an integrator login',
      'PUT',
      PATH,
      { ...CONNECTWISE, integratorLogin: { name: 'a', password: 'b' } },
      422,
    ],
    ['half an integrator login', 'PUT', PATH, { ...CONNECTWISE, integratorLogin: { name: 'a' } }, 400],
    ['settings without a switch', 'PUT', SETTINGS, {}, 400],
    ['settings that are on without credentials', 'PUT', SETTINGS, { enabled: true }, 422],
    ['a board that is no id', 'PUT', SETTINGS, { enabled: false, ticketing: { boardId: 'x' } }, 400],
    ['a board more', 'PUT', SETTINGS, { enabled: false, ticketing: { bordId: 1 } }, 400],
    ['a test of nothing', 'POST', `${PATH}/test`, undefined, 404],
  ] as const)('answers %s', async (_what, method, path, body, status) => {
    const partnerId = rest.theirs;
    const { etag } = await rest.call('GET', path.replace('/test', ''), { partnerId });
    const answer = await rest.call(method, path, { partnerId, ifMatch: etag, ...(body && { body }) });
    expect(answer.status).toBe(status);
  });

  it('keeps settings with an ETag, and says Do Not Map only where it was said (D26)', async () => {
    const partnerId = await rest.partner('Settings');
    expect((await put(partnerId, AUTOTASK, 'psa/autotask/connection')).status).toBe(200);
    const path = 'psa/autotask/settings';
    const before = await rest.call('GET', path, { partnerId });
    expect(before.body).toMatchObject({ enabled: false });
    const body = { enabled: true, ticketing: { queueId: null, priorityId: null, subjectPrefix: 'BK' } };
    expect((await rest.call('PUT', path, { partnerId, body })).status).toBe(428);
    const stored = await rest.call('PUT', path, { partnerId, body, ifMatch: before.etag });
    expect(stored).toMatchObject({ status: 200, body });
    expect((await rest.call('PUT', path, { partnerId, body, ifMatch: before.etag })).status).toBe(412);
    expect(await rest.call('GET', path, { partnerId })).toMatchObject({ body, etag: stored.etag });
    const sent = await rest.published('accounts.connections.v1', (await rowOf(partnerId)).connection_id);
    expect(sent.at(-1)).toMatchObject({ isEnabled: true, ticketing: { queueId: null, subjectPrefix: 'BK' } });
    expect(sent.at(-1)?.['ticketing']).not.toHaveProperty('priorityId');
  });

  it('lists the PSAs and which of them are configured', async () => {
    const partnerId = await rest.partner('Providers');
    await put(partnerId, CONNECTWISE);
    const { body } = await rest.call('GET', 'psa/providers', { partnerId });
    expect(body).toMatchObject([
      { id: 'connectwise', isConfigured: true },
      { id: 'autotask', isConfigured: false },
    ]);
  });
});

describe('the test of a connection', () => {
  it('succeeds with the right keys, and says what the PSA did not like', async () => {
    const partnerId = await rest.partner('Tests');
    expect((await put(partnerId, demo())).status).toBe(200);
    const good = await rest.call('POST', `${PATH}/test`, { partnerId });
    expect(good).toMatchObject({ status: 200, body: { isOk: true, version: expect.any(String) } });
    await put(partnerId, { ...demo(), privateKey: 'wrong' });
    const bad = await rest.call('POST', `${PATH}/test`, { partnerId });
    expect(bad).toMatchObject({ status: 200, body: { isOk: false } });
    expect(bad.body['steps']).toEqual([
      { name: 'version', isOk: false, reason: 'unauthorized', message: expect.stringContaining('rejected') },
    ]);
  });

  it('tells nothing of the network when nobody answers', async () => {
    const partnerId = await rest.partner('Nobody');
    await put(partnerId, { ...CONNECTWISE, siteUrl: 'https://psa.invalid' });
    const { body } = await rest.call('POST', `${PATH}/test`, { partnerId });
    expect(body['steps']).toMatchObject([{ name: 'version', isOk: false, reason: 'unreachable' }]);
  });

  it('is allowed five times a minute and partner, also at once', async () => {
    const partnerId = await rest.partner('Eager');
    await put(partnerId, demo());
    const test = () => rest.call('POST', `${PATH}/test`, { partnerId });
    const answers = await Promise.all(Array.from({ length: 8 }, test));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 429, 429, 429]);
    const refused = answers.find(({ status }) => status === 429);
    expect(Number(refused?.headers['retry-after'])).toBeGreaterThan(30);
    const ageAll = `UPDATE connection_test SET recent = ARRAY(SELECT at - interval '1 minute' FROM unnest(recent) at) WHERE partner_id = $1`;
    await rest.unitOfWork.query(ageAll, [partnerId]);
    expect((await test()).status).toBe(200);
    const other = await rest.partner('Calm');
    await put(other, demo());
    expect((await rest.call('POST', `${PATH}/test`, { partnerId: other })).status).toBe(200);
  });
});
