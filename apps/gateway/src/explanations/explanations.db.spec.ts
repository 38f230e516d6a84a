import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { verifyPrincipal } from '@backhaul/http';
import { eventually } from '@backhaul/testing';
import { type Answer, RunningGateway, SERVICE_TOKEN_KEY } from '../testing/running-gateway.js';

jest.setTimeout(60_000);
const ID = '0190f3a1-0000-7000-8000-000000000001';
const EVENT = {
  eventId: ID, type: 'backup.failed', receivedAt: '2026-11-20T02:00:00.000Z', state: 'processed',
  tenant: { partnerId: 'p', brandId: null, customerId: 34826, accountNo: 80202028 },
  outcome: { severity: 'ERROR', phase: 'finished', dryRun: false },
  actions: [{ ruleId: 'r', ruleName: 'Failures', action: 'open_autotask_ticket', state: 'pending', reason: null, message: null, at: 'x' }],
}; // prettier-ignore
const RULE = { ruleId: 'r', ruleName: 'Failures', action: 'open_autotask_ticket', isMatch: true, checks: [], isChangedSince: false }; // prettier-ignore
const WHY = { kind: 'breaker', field: null, text: 'The PSA does not answer.', until: null };

let gateway: RunningGateway;
let key: { text: string };

beforeAll(async () => {
  gateway = await RunningGateway.start();
  key = await gateway.issueKey();
  await eventually(async () => expect((await call('/api/v1/brands')).status).toBe(200));
});
afterAll(() => gateway?.stop());
beforeEach(() => {
  for (const service of Object.values(gateway.services)) service.seen.length = 0;
  const { ingestion, notifications } = gateway.services;
  ingestion.answer = () => EVENT;
  notifications.answer = () => ({ rules: [RULE, { ...RULE, ruleId: 's', isMatch: false }], notShown: 3 });
  for (const name of ['connectwise', 'autotask'] as const)
    gateway.services[`ticketing-${name}`].answer = () => ({
      provider: name,
      incidents: [],
      lane: name === 'autotask' ? { id: 'l', waiting: 1, waitingSince: 'then', why: WHY } : null,
    });
});

const call = (path: string): Promise<Answer> =>
  gateway.call('GET', path, { authorization: `Bearer ${key.text}` });

describe('GET /explain', () => {
  test('puts together what each service knows, asked in the name of who asks', async () => {
    const { status, json } = await call(`/api/v1/explain?eventId=${ID}`);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      summary: 'Not ticketed yet. The PSA does not answer.',
      accountNo: 80202028,
      rules: [{ ruleId: 'r' }, { ruleId: 's' }],
      rulesNotShown: 3,
      waits: [{ provider: 'autotask', laneId: 'l', kind: 'breaker' }],
    });
    expect(json['sentences']).toContain('As they read now, 1 rule matches it and 4 rules do not.');
    expect(json).not.toHaveProperty('warnings');
    const [asked] = gateway.services.notifications.seen;
    expect(JSON.parse(asked?.body ?? '')).toEqual({
      ...{ type: 'backup.failed', severity: 'ERROR', receivedAt: EVENT.receivedAt },
      ...{ brandId: null, customerId: 34826, accountNo: 80202028 },
    });
    const token = String(asked?.headers['x-backhaul-principal']);
    expect(verifyPrincipal(SERVICE_TOKEN_KEY, token, 'notifications').role).toBe('partner-senior-manager');
    const [ticketing] = gateway.services['ticketing-autotask'].seen;
    expect(ticketing?.url).toBe(`/internal/explanations?eventId=${ID}&accountNo=80202028`);
  });

  test('leaves out what cannot be reached, and says so', async () => {
    await gateway.services['ticketing-autotask'].down();
    gateway.services.notifications.answer = (_request, reply) => reply.status(500).send({});
    const { status, json } = await call(`/api/v1/explain?eventId=${ID}`);
    expect([status, (json['warnings'] as string[]).sort()]).toEqual([
      200,
      ['notifications', 'ticketing-autotask'].map(
        (name) => `${name} cannot be reached: its share is missing`,
      ),
    ]);
    await gateway.services['ticketing-autotask'].up();
  });

  test('a foreign or unknown event is a 404, and without ingestion nothing is said', async () => {
    gateway.services.ingestion.answer = (_request, reply) => reply.status(404).send({ status: 404 });
    expect((await call(`/api/v1/explain?eventId=${ID}`)).status).toBe(404);
    expect(gateway.services.notifications.seen).toEqual([]);
    await gateway.services.ingestion.down();
    expect((await call(`/api/v1/explain?eventId=${ID}`)).status).toBe(503);
    await gateway.services.ingestion.up();
  });

  test.each([
    ['nothing', '', '/eventId'],
    ['no UUID', '?eventId=7', '/eventId'],
    ['one twice', `?eventId=${ID}&eventId=${ID}`, '/eventId'],
    ['something else', `?eventId=${ID}&x=1`, '/x'],
  ])('%s is a 400 that points at it', async (_what, query, pointer) => {
    const { status, json } = await call(`/api/v1/explain${query}`);
    expect(status).toBe(400);
    expect((json['errors'] as { pointer: string }[]).map((error) => error.pointer)).toContain(pointer);
  });

  test('another method is a 405; end users get a 403', async () => {
    const bearer = { authorization: `Bearer ${key.text}` };
    expect((await gateway.call('POST', `/api/v1/explain?eventId=${ID}`, bearer)).status).toBe(405);
    gateway.services.accounts.answer = () => ({ partnerId: 'p', role: 'power-user', scopes: [], subject: 'account:7', brandId: null, accountNo: 7, actor: null, steppedUpAt: 1 }); // prettier-ignore
    const cookie = { cookie: `__Host-sid=${'s'.repeat(43)}` };
    expect((await gateway.call('GET', `/api/v1/explain?eventId=${ID}`, cookie)).status).toBe(403);
  });

  test('stands in the merged document, and so does the stream', async () => {
    const { json } = await call('/api/openapi.json');
    const paths = Object.keys(json['paths'] as object);
    expect(paths).toEqual(expect.arrayContaining(['/api/v1/explain', '/api/v1/stream']));
  });
});
