import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { systemClock } from '@backhaul/domain';
import { SERVICE_HEADER, verifyService } from '@backhaul/http';
import { AUTOTASK, CONNECTWISE, pointersOf, TestRest } from '../testing/rest.js';
import { type PsaAnswer, type PsaQuestion, TicketingChecks } from './psa-checks.js';

jest.setTimeout(30_000);
const KEY = 'k'.repeat(32);

/** Ticketing as it answers here. */
let server: Server;
let asked: { token: unknown; body: PsaQuestion & { sealedSecret: string } }[] = [];
let answer: PsaAnswer | number = {};
let rest: TestRest;

beforeAll(async () => {
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => (text += String(chunk)));
    request.on('end', () => {
      asked.push({ token: request.headers[SERVICE_HEADER], body: JSON.parse(text) as never });
      response.statusCode = typeof answer === 'number' ? answer : 200;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(answer));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const checks = new TicketingChecks({ connectwise: url, autotask: url }, KEY);
  rest = await TestRest.start([], systemClock, '', { checks });
  await rest.connected('autotask', AUTOTASK);
  await rest.connected('connectwise', CONNECTWISE);
});
afterAll(async () => {
  await rest.close();
  server.close();
});
beforeEach(() => {
  asked = [];
  answer = {};
});

const put = async (provider: string, body: object) => {
  const path = `psa/${provider}/settings`;
  return rest.call('PUT', path, { body, ifMatch: (await rest.call('GET', path)).etag });
};

describe('settings before they are saved', () => {
  it('D25, D27, D29: defaults are stored by the ids that they have now', async () => {
    const resolved = { queueId: 7, priorityId: 2, newStatusId: 1, completeStatusId: 5 };
    answer = { settings: { problems: [], resolved } };
    const saved = await put('autotask', { enabled: true, ticketing: { subjectPrefix: '[BFF] ' } });
    expect(saved).toMatchObject({
      status: 200,
      body: { ticketing: { ...resolved, subjectPrefix: '[BFF] ' } },
    });
    expect(asked[0]?.body.ticketing).toEqual({ subjectPrefix: '[BFF] ' });
    expect(verifyService(KEY, 'psa-check', asked[0]?.token)).toBeTruthy();
    expect(asked[0]?.body.sealedSecret).not.toContain('autotaskSecret1');
  });

  it('D25: a default that the PSA has not must be chosen (422), and nothing is saved (D22)', async () => {
    const before = (await rest.call('GET', 'psa/autotask/settings')).body;
    const problems = [{ field: 'queueId', rule: 'missing', detail: 'choose one' } as const];
    answer = { settings: { problems, resolved: {} } };
    const refused = await put('autotask', { enabled: true, ticketing: { priorityId: 3 } });
    expect([refused.status, pointersOf(refused)]).toEqual([422, ['/ticketing/queueId']]);
    expect((await rest.call('GET', 'psa/autotask/settings')).body).toEqual(before);
  });

  it('D26: Do Not Map is asked about as what it is', async () => {
    answer = { settings: { problems: [], resolved: { queueId: null } } };
    expect(
      (await put('autotask', { enabled: true, ticketing: { queueId: null, priorityId: null } })).status,
    ).toBe(200);
    expect(asked[0]?.body.ticketing).toEqual({ queueId: null });
  });

  it.each([500, 502, 503])('are saved as they are where the PSA cannot be asked (%i)', async (status) => {
    answer = status;
    const saved = await put('autotask', { enabled: true, ticketing: { queueId: 11 } });
    expect(saved).toMatchObject({ status: 200, body: { ticketing: { queueId: 11 } } });
  });

  it.each([
    [
      'D28: one status for both',
      'autotask',
      { newStatusId: 5, completeStatusId: 5 },
      '/ticketing/completeStatusId',
    ],
    ['a queue of ConnectWise', 'connectwise', { queueId: null }, '/ticketing/queueId'],
    ['a board of Autotask', 'autotask', { boardId: 3 }, '/ticketing/boardId'],
  ])('refuse %s (422) without asking', async (_what, provider, ticketing, pointer) => {
    const refused = await put(provider, { enabled: true, ticketing });
    expect([refused.status, pointersOf(refused), asked.length]).toEqual([422, [pointer], 0]);
  });

  it.each([
    ['D20: two settings for one service', 'autotask', { onlineGb: 4, onlineServers: 4 }, 409],
    ['an unknown measure', 'autotask', { tapes: 4 }, 422],
    ['a tick for Autotask', 'autotask', { onlineGb: true }, 422],
    ['a service of ConnectWise', 'connectwise', { onlineGb: 4 }, 422],
  ])('refuse %s', async (_what, provider, services, status) => {
    expect((await put(provider, { enabled: false, billing: { services } })).status).toBe(status);
  });

  it('D18: nothing can be chosen before there are credentials (409)', async () => {
    const partnerId = await rest.partner('Fresh');
    const path = 'psa/autotask/settings';
    const { etag } = await rest.call('GET', path, { partnerId });
    const body = { enabled: true, ticketing: { queueId: 7 } };
    expect((await rest.call('PUT', path, { partnerId, body, ifMatch: etag })).status).toBe(409);
  });
});

describe('the customer map before it is saved', () => {
  const PATH = 'psa/autotask/customer-map';
  const company = (id: string, over = {}) => ({ id, name: id, isDefault: false, isActive: true, ...over });
  const patch = async (body: object, custId?: number) => {
    const id = custId ?? (await rest.customer()).custId;
    const items = (await rest.call('GET', `${PATH}?limit=200`)).body.items ?? [];
    const ifMatch = String(items.find((row) => row['custId'] === id)?.['etag']);
    return rest.call('PATCH', `${PATH}/${id}`, { body, ifMatch });
  };

  it('D32: a company that the PSA has not is refused (422)', async () => {
    answer = { companies: [], contracts: [] };
    const refused = await patch({ psaCompanyId: '999' });
    expect([refused.status, pointersOf(refused)]).toEqual([422, ['/psaCompanyId']]);
  });

  it('D6: a company of another type, or an inactive one, is mapped with a problem', async () => {
    answer = { companies: [company('178', { problem: 'company_type' })], contracts: [] };
    expect((await patch({ psaCompanyId: '178' })).body).toMatchObject({ problems: ['company_type'] });
    answer = { companies: [company('177', { isActive: false })], contracts: [] };
    const mapped = await patch({ psaCompanyId: '177' });
    expect(mapped.body).toMatchObject({ problems: ['company_inactive'] });
    const listed = (await rest.call('GET', `${PATH}?limit=200`)).body.items ?? [];
    expect(listed.find((row) => row['psaCompanyId'] === '177')?.['problems']).toEqual(['company_inactive']);
  });

  it('D13, D33: a contract of another company, or not recurring, is refused (422)', async () => {
    const contract = (over: object) => ({ ...company('902'), companyId: '500', ...over }) as never;
    answer = { companies: [company('500')], contracts: [contract({ companyId: '501' })] };
    const foreign = await patch({ psaCompanyId: '500', contractId: '902' });
    expect([foreign.status, pointersOf(foreign)]).toEqual([422, ['/contractId']]);
    answer = { companies: [company('500')], contracts: [contract({ problem: 'contract_type' })] };
    expect((await patch({ psaCompanyId: '500', contractId: '902' })).status).toBe(422);
    answer = { companies: [company('500')], contracts: [contract({})] };
    const { custId } = await rest.customer();
    expect((await patch({ psaCompanyId: '500', contractId: '902' }, custId)).status).toBe(200);
    // The company that it is mapped to already counts where the change names none.
    answer = { companies: [company('500')], contracts: [contract({ companyId: '501' })] };
    expect((await patch({ contractId: '902' }, custId)).status).toBe(422);
  });

  it('names the row of many that is wrong, and saves none', async () => {
    const [a, b] = [await rest.customer(), await rest.customer()];
    answer = { companies: [company('601')], contracts: [] };
    const rows = (await rest.call('GET', `${PATH}?limit=200`)).body.items ?? [];
    const etag = (custId: number) => String(rows.find((row) => row['custId'] === custId)?.['etag']);
    const items = [a, b].map(({ custId }, at) => ({
      custId,
      etag: etag(custId),
      psaCompanyId: `60${at + 1}`,
    }));
    const refused = await rest.call('PUT', PATH, { body: { items } });
    expect([refused.status, pointersOf(refused), asked.length]).toEqual([422, ['/items/1/psaCompanyId'], 1]);
    const after = (await rest.call('GET', `${PATH}?limit=200`)).body.items ?? [];
    expect(after.find((row) => row['custId'] === a.custId)?.['psaCompanyId']).toBeNull();
  });

  it('what could not be asked about is mapped, and says so', async () => {
    answer = 503;
    expect((await patch({ psaCompanyId: '700' })).body).toMatchObject({ problems: ['unchecked'] });
  });

  it('clearing asks nobody', async () => {
    expect((await patch({ psaCompanyId: null })).status).toBe(200);
    expect(asked).toEqual([]);
  });
});
