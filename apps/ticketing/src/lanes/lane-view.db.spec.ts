import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type PartnerId, PLATFORM } from '@backhaul/domain';
import { Logger } from '@nestjs/common';
import { FaultyPsa } from '../testing/faulty-psa.js';
import { TestRest } from '../testing/rest.js';
import { ACCOUNT, buildConnection, idOf, PARTNER, TestSystem } from '../testing/system.js';

jest.setTimeout(60_000);
Logger.overrideLogger(false);
const OTHER = idOf('other partner') as PartnerId;
const OPERATOR = { partnerId: PLATFORM, role: 'platform-operator' } as const;

let system: TestSystem;
let rest: TestRest;
let psa: FaultyPsa;
beforeAll(async () => {
  system = await TestSystem.start();
  rest = await TestRest.start(system);
});
afterAll(async () => {
  await rest.close();
  await system.close();
});
beforeEach(async () => {
  await system.empty();
  psa = new FaultyPsa();
  await system.connect(psa);
});

const lanes = async (query = '', who = {}) =>
  (await rest.call('GET', `/api/v1/lanes${query}`, who)).body['items'] as Record<string, unknown>[];
const laneId = `${buildConnection().connectionId}|${ACCOUNT}`;
const retry = async (path = `lanes/${encodeURIComponent(laneId)}`, who = {}) =>
  (await rest.call('POST', `/api/v1/${path}/retry`, who)).status;

describe('GET /lanes (F37)', () => {
  it('says of a refused ticket which field somebody must put right, and since when it waits', async () => {
    await system.map(PARTNER, null);
    await system.raise('failed');
    const before = Date.now();
    await system.drain();
    const [lane] = await lanes('?state=attention');
    expect(lane).toMatchObject({
      id: laneId,
      provider: 'connectwise',
      accountNo: ACCOUNT,
      waiting: 1,
      reason: 'unmapped_customer',
      why: { kind: 'attention', field: 'customer-map/psaCompanyId', until: null },
    });
    expect((lane?.['why'] as { text: string }).text).toContain('not mapped');
    expect(Math.abs(Date.parse(String(lane?.['waitingSince'])) - before)).toBeLessThan(10_000);
  });

  it('says of an outage that the PSA is down and when it is probed; of refused credentials that they are', async () => {
    await system.raise('failed');
    await system.connections.open(buildConnection().connectionId, 30_000, false);
    const [down] = await lanes('?state=ready');
    expect(down).toMatchObject({ state: 'ready', why: { kind: 'breaker' } });
    expect(Date.parse(String((down?.['why'] as { until: string }).until))).toBeGreaterThan(Date.now());
    await system.query("UPDATE psa_connection SET breaker = 'closed'");
    await system.connections.rejected(buildConnection(), 60_000, 'unauthorized');
    expect(await lanes()).toMatchObject([{ why: { kind: 'credentials', field: 'connection/credentials' } }]);
  });

  it('says of a spent budget that there is none', async () => {
    await system.raise('failed');
    await system.query(
      'UPDATE psa_connection SET tokens = 0, tokens_at = clock_timestamp(), rate_per_minute = 1',
    );
    expect(await lanes()).toMatchObject([{ why: { kind: 'rate_budget' } }]);
    await system.connections.pause(buildConnection().connectionId, 30_000);
    expect(await lanes()).toMatchObject([{ why: { kind: 'rate_budget', until: expect.any(String) } }]);
  });

  it('says nothing of work that is done, and pages through many without loss', async () => {
    const accounts = [1, 2, 3, 4, 5].map((n) => ACCOUNT + n);
    for (const accountNo of accounts) await system.raise(`failed ${accountNo}`, { accountNo });
    await system.drain();
    const seen: unknown[] = [];
    let query: string | null = '';
    while (query !== null) {
      const { body } = await rest.call('GET', `/api/v1/lanes?limit=2&total=true${query}`);
      for (const lane of body['items'] as Record<string, unknown>[]) {
        expect(lane).toMatchObject({ waiting: 0, waitingSince: null, why: null });
        seen.push(lane['accountNo']);
      }
      expect(body['total']).toBe(5);
      const next = body['nextCursor'] as string | null;
      query = next === null ? null : `&cursor=${next}`;
    }
    expect(seen.sort()).toEqual(accounts);
  });

  it('shows operators the lanes of all partners, and partners their own', async () => {
    await system.connect(new FaultyPsa(), { partnerId: OTHER });
    await system.raise('ours');
    await system.raise('theirs', { partnerId: OTHER, accountNo: 7 });
    expect((await lanes('', OPERATOR)).map(({ partnerId }) => partnerId).sort()).toEqual(
      [PARTNER, OTHER].sort(),
    );
    expect((await lanes()).map(({ accountNo }) => accountNo)).toEqual([ACCOUNT]);
    expect(await lanes(`?accountNo=${ACCOUNT}`, { partnerId: OTHER })).toEqual([]);
  });
});

describe('POST /lanes/{id}/retry and /incidents/{id}/retry', () => {
  const audited = async (): Promise<object[]> =>
    (await system.query<{ payload: string }>("SELECT payload FROM outbox WHERE payload LIKE '%.retry%'")).map(
      ({ payload }) => JSON.parse(payload) as object,
    );
  const incidentId = async (): Promise<string> =>
    (await system.query<{ id: string }>('SELECT incident_id AS id FROM incident'))[0]?.id ?? '';

  it('sets going what waits for a person, audited under its partner, and is a 409 otherwise', async () => {
    psa.faults.push({ method: 'create', outcome: 'definitive' });
    await system.raise('failed');
    expect(await retry()).toBe(409);
    await system.drain();
    expect(await retry(undefined, OPERATOR)).toBe(204);
    expect(await audited()).toMatchObject([{ action: 'lane.retry', partnerId: PARTNER, targetId: laneId }]);
    await system.drain();
    expect([...psa.fake.tickets.values()]).toHaveLength(1);
    expect(await retry()).toBe(409);
  });

  it('tries at once what waits for its next try', async () => {
    psa.faults.push({ method: 'create', outcome: 'not_sent' });
    await system.raise('failed');
    await system.drain();
    expect(await lanes()).toMatchObject([{ state: 'ready', why: { kind: 'retry' } }]);
    expect(await retry(`incidents/${await incidentId()}`)).toBe(204);
    await system.drain();
    expect([...psa.fake.tickets.values()]).toHaveLength(1);
    expect(await audited()).toMatchObject([{ action: 'incident.retry', targetKind: 'incident' }]);
  });

  it('of an incident with nothing to do is a 409, though its account waits for something else', async () => {
    await system.raise('failed');
    await system.drain();
    const done = await incidentId();
    psa.faults.push({ method: 'create', outcome: 'definitive' });
    await system.raise('another', { incidentKey: 'another' });
    await system.drain();
    expect(await lanes()).toMatchObject([{ state: 'attention' }]);
    expect(await retry(`incidents/${done}`)).toBe(409);
  });

  it('of another partner is a 404', async () => {
    psa.faults.push({ method: 'create', outcome: 'definitive' });
    await system.raise('failed');
    await system.drain();
    expect(await retry(undefined, { partnerId: OTHER })).toBe(404);
    expect(await retry(`incidents/${await incidentId()}`, { partnerId: OTHER })).toBe(404);
    expect(await retry('lanes/nothing')).toBe(404);
  });
});
