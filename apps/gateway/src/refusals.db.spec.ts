import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { newApiKey } from '@backhaul/http';
import { eventually, FixedClock } from '@backhaul/testing';
import { type Answer, PARTNER, RunningGateway } from './testing/running-gateway.js';

const clock = new FixedClock();
let gateway: RunningGateway;
const GOOD = 's'.repeat(43);
const PERSON = {
  partnerId: PARTNER, role: 'partner-senior-manager', scopes: ['read', 'write'], subject: 'account:7', brandId: null,
  accountNo: 7, actor: null, steppedUpAt: 1,
}; // prettier-ignore

beforeAll(async () => {
  const settings = { TRUSTED_PROXIES: '127.0.0.0/8', REFUSALS_BURST: 5, REFUSALS_PER_SECOND: 1 };
  gateway = await RunningGateway.start(settings, clock);
});
afterAll(() => gateway?.stop());
beforeEach(() => {
  clock.advance(60_000);
  gateway.services.accounts.answer = ({ url, body }, reply) => {
    if (!url.startsWith('/internal/')) return {};
    const { secret } = JSON.parse(String(body)) as { secret: string };
    return ['bkt_good', 'bkt_late'].includes(secret)
      ? PERSON
      : reply.status(401).send({ detail: 'The token is not valid.' });
  };
});

const call = (token: string, from: string): Promise<Answer> =>
  gateway.call('GET', '/api/v1/customers', { authorization: `Bearer ${token}`, 'x-forwarded-for': from });
const asked = (): number =>
  gateway.services.accounts.seen.filter(({ url }) => url === '/internal/authentications').length;

test('made-up tokens cost their network a budget; after that accounts is not bothered, and nobody else waits', async () => {
  expect((await call('bkt_good', '203.0.113.1')).status).toBe(200);
  gateway.services.accounts.seen.length = 0;
  const statuses: number[] = [];
  for (let i = 0; i < 12; i += 1) statuses.push((await call(`bkt_made-up-${i}`, '203.0.113.1')).status);
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429, 429, 429, 429, 429]);
  expect(asked()).toBe(5);
  const late = await call('bkt_late', '203.0.113.1');
  expect([late.status, Number(late.headers['retry-after']) >= 1]).toEqual([429, true]);
  // Whose credential was good a moment ago goes on; so does the network next door.
  expect((await call('bkt_good', '203.0.113.1')).status).toBe(200);
  expect((await call('bkt_late', '203.0.113.2')).status).toBe(200);
  clock.advance(2000);
  expect((await call('bkt_late', '203.0.113.1')).status).toBe(200);
});

test('addresses of one IPv6 network are one; good API keys always work, made-up ones are counted', async () => {
  const key = await gateway.issueKey();
  // From elsewhere: until the gateway has heard of the key, each try spends a network's budget.
  await eventually(async () => expect((await call(key.text, '203.0.113.30')).status).toBe(200));
  const statuses: number[] = [];
  for (let i = 0; i < 7; i += 1) statuses.push((await call(newApiKey().text, `2001:db8:1:2::${i}`)).status);
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
  expect((await call(key.text, '2001:db8:1:2::1')).status).toBe(200);
  expect((await call(newApiKey().text, '2001:db8:1:3::1')).status).toBe(401);
});

test('requests without any credential cost nothing', async () => {
  const anonymous = (): Promise<Answer> =>
    gateway.call('GET', '/api/v1/customers', { 'x-forwarded-for': '203.0.113.9' });
  for (let i = 0; i < 10; i += 1) expect((await anonymous()).status).toBe(401);
  expect((await call('bkt_late', '203.0.113.9')).status).toBe(200);
});

test('who was refused is seen at level info, with address and key id, without any secret (16.3.1 to 16.3.3)', async () => {
  const bound = await gateway.issueKey({ allowedCidrs: ['198.51.100.0/24'] });
  const unknown = newApiKey();
  await eventually(async () => expect((await call(bound.text, '198.51.100.1')).status).toBe(200));
  const readOnly = await gateway.issueKey({ scopes: [] });
  await eventually(async () => expect((await call(readOnly.text, '203.0.113.39')).status).toBe(403));
  gateway.lines.length = 0;
  await call(bound.text, '203.0.113.40');
  await call(unknown.text, '203.0.113.41');
  await call('bkt_of-nobody', '203.0.113.42');
  await gateway.call('GET', '/api/v1/customers', {
    'x-forwarded-for': '203.0.113.43',
    cookie: `__Host-sid=${GOOD}`,
  });
  const lines = gateway.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.filter(({ msg }) => msg === 'request refused')).toMatchObject([
    {
      level: 'info',
      status: 403,
      ip: '203.0.113.40',
      subject: `key:${bound.keyId}`,
      type: '/docs/problems/address-not-allowed',
    },
    {
      level: 'info',
      status: 401,
      ip: '203.0.113.41',
      subject: `key:${unknown.keyId}`,
      path: '/api/v1/customers',
    },
    { level: 'info', status: 401, ip: '203.0.113.42', subject: null },
    { level: 'info', status: 401, ip: '203.0.113.43', subject: null },
  ]);
  const text = gateway.lines.join('');
  for (const secret of [bound.text.slice(-38), unknown.text.slice(-38), 'bkt_of-nobody', GOOD])
    expect(text).not.toContain(secret);
});

test('nothing that was asked for with a credential may be kept by anything on its way (14.2.2)', async () => {
  for (const [method, path] of [['GET', '/api/v1/customers'], ['GET', '/api/v1/nothing'], ['PUT', '/api/v1/customers']] as const) {
    const answer = await gateway.call(method, path, { authorization: 'Bearer bkt_good' });
    expect([path, answer.headers['cache-control']]).toEqual([path, 'no-store']);
  }
  expect((await call('bkt_wrong', '192.0.2.1')).headers['cache-control']).toBe('no-store');
}); // prettier-ignore
