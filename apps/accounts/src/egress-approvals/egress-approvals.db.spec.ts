import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type PartnerId, PLATFORM } from '@backhaul/domain';
import { httpBytes, tcpScript, type TcpScript } from '@backhaul/psa/testing';
import { CONNECTWISE, pointersOf, TestRest } from '../testing/rest.js';

jest.setTimeout(60_000);
let rest: TestRest;
let server: TcpScript;
beforeAll(async () => {
  rest = await TestRest.start();
  server = await tcpScript((socket) => socket.end(httpBytes('200 OK', '{"version":"v1"}')));
});
beforeEach(() => {
  server.requests.splice(0);
});
afterAll(async () => {
  await rest.close();
  await server.close();
});

const PATH = 'psa/connectwise/connection';
const operator = { role: 'platform-operator', partnerId: PLATFORM } as const;
const approve = (over: object) =>
  rest.call('POST', 'egress-approvals', {
    ...operator,
    body: {
      partnerId: rest.ours,
      provider: 'connectwise',
      target: '127.0.0.0/8',
      port: server.port,
      reason: 'On-premises, ticket 4711',
      ...over,
    },
  });
const put = async (partnerId: PartnerId, siteUrl: string) => {
  const { etag } = await rest.call('GET', PATH, { partnerId });
  return rest.call('PUT', PATH, { partnerId, body: { ...CONNECTWISE, siteUrl }, ifMatch: etag });
};
const lastTold = async (partnerId: PartnerId) => {
  const [row] = await rest.unitOfWork.query<{ id: string }>(
    'SELECT connection_id AS id FROM psa_connection WHERE partner_id = $1',
    [partnerId],
  );
  return (await rest.published('accounts.connections.v1', row?.id ?? '')).at(-1);
};

describe('approvals of egress', () => {
  it('B12: open the form, the test and ticketing’s guard for one link, until they are taken back', async () => {
    const siteUrl = `http://127.0.0.1:${server.port}`;
    expect(pointersOf(await put(rest.ours, siteUrl))).toEqual(['/siteUrl']);
    const { status, body } = await approve({});
    expect([status, body]).toEqual([
      201,
      {
        id: expect.any(String),
        partnerId: rest.ours,
        provider: 'connectwise',
        target: '127.0.0.0/8',
        port: server.port,
        reason: 'On-premises, ticket 4711',
        approvedBy: 'key:test',
        approvedAt: expect.any(String),
      },
    ]);
    expect((await put(rest.ours, siteUrl)).status).toBe(200);
    expect(await lastTold(rest.ours)).toMatchObject({ egress: [`127.0.0.0/8:${server.port}`] });
    await rest.call('POST', `${PATH}/test`, {});
    expect(server.requests.length).toBeGreaterThan(0);
    expect(pointersOf(await put(rest.theirs, siteUrl))).toEqual(['/siteUrl']);

    const gone = () => rest.call('DELETE', `egress-approvals/${String(body['id'])}`, operator);
    expect((await gone()).status).toBe(204);
    expect((await gone()).status).toBe(404);
    expect(await lastTold(rest.ours)).not.toHaveProperty('egress');
    server.requests.splice(0);
    const test = await rest.call('POST', `${PATH}/test`, {});
    expect(test.body['steps']).toMatchObject([{ reason: 'unreachable' }]);
    expect(server.requests).toEqual([]);
    const { items } = (await rest.call('GET', 'audit?limit=200')).body;
    expect(items?.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['egress-approval.give', 'egress-approval.take-back', 'psa-connection.save']),
    );
    expect(JSON.stringify(items)).not.toMatch(/privateKey1|publicKey1/);
  });

  it('are told beside what a connection is already, and republished with it', async () => {
    const partnerId = await rest.partner('Later');
    await put(partnerId, 'https://na.myconnectwise.net');
    const before = await lastTold(partnerId);
    expect((await approve({ partnerId, target: 'PSA.acme.local.', port: 443 })).status).toBe(201);
    expect(await lastTold(partnerId)).toEqual({ ...before, egress: ['psa.acme.local:443'] });
  });

  it('are listed, of all partners or of one, page by page', async () => {
    const partnerId = await rest.partner('Listed');
    for (const target of ['10.0.0.1', 'fd12::/16', 'fd12::1', 'a.local'])
      expect((await approve({ partnerId, target })).status).toBe(201);
    const list = async (query: string) => (await rest.call('GET', `egress-approvals${query}`, operator)).body;
    const all = await list(`?partnerId=${partnerId}`);
    expect(all.items?.map(({ target }) => target)).toEqual([
      '10.0.0.1/32',
      'fd12::/16',
      'fd12::1/128',
      'a.local',
    ]);
    const first = await list(`?partnerId=${partnerId}&limit=3`);
    const second = await list(
      `?partnerId=${partnerId}&limit=3&cursor=${encodeURIComponent(String(first['nextCursor']))}`,
    );
    expect([...(first.items ?? []), ...(second.items ?? [])]).toEqual(all.items);
    expect((await list('')).items?.length).toBeGreaterThan(4);
  });

  it('are given once', async () => {
    const same = { target: '10.9.0.0/16', port: 443 };
    expect((await approve(same)).status).toBe(201);
    expect((await approve(same)).status).toBe(409);
  });

  it.each<[string, object, number, string]>([
    ['an unknown partner', { partnerId: '0191aaaa-0000-7000-8000-000000000000' }, 422, '/partnerId'],
    ['no target', { target: ' ' }, 422, '/target'],
    ['a network that is none', { target: '10.0.0.0/33' }, 422, '/target'],
    ['a URL', { target: 'https://psa.local' }, 422, '/target'],
    ['a user before the host', { target: 'u@psa.local' }, 422, '/target'],
    ['a port in the target', { target: 'psa.local:443' }, 422, '/target'],
    ['no partner', { partnerId: 'x' }, 400, '/partnerId'],
    ['an unknown provider', { provider: 'jira' }, 400, '/provider'],
    ['port 0', { port: 0 }, 400, '/port'],
    ['a port of too many digits', { port: 65536 }, 400, '/port'],
    ['no reason', { reason: '' }, 400, '/reason'],
    ['an unknown field', { until: 'tomorrow' }, 400, '/until'],
  ])('refuse %s', async (_what, over, status, pointer) => {
    const answer = await approve(over);
    expect([answer.status, ...pointersOf(answer)]).toEqual([status, pointer]);
  });

  it('are the platform’s alone: a partner neither sees nor gives one', async () => {
    for (const role of ['partner-senior-manager', 'partner-api'] as const) {
      expect((await rest.call('GET', 'egress-approvals', { role })).status).toBe(403);
      const body = { partnerId: rest.ours, provider: 'connectwise', target: 'x.local', port: 1, reason: 'x' };
      expect((await rest.call('POST', 'egress-approvals', { role, body })).status).toBe(403);
    }
  });
});
