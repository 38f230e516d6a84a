import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SERVICE_HEADER, signService } from '@backhaul/http';
import type { Provider } from '@backhaul/messaging';
import { eventually } from '@backhaul/testing';
import { SERVICE_KEY } from '../testing/caller.js';
import { RunningTicketing } from '../testing/running.js';
import type { Subject } from '../testing/subject.js';

jest.setTimeout(240_000);

interface Choice {
  id: number | string;
  name: string;
  isDefault: boolean;
  isActive: boolean;
  problem?: string;
}
interface Step {
  name: string;
  guideStep: string | null;
  state: string;
  findings: { reason: string; message: string }[];
}
type Answer = {
  status: number;
  body: { items: Choice[]; steps: Step[]; detail: string; readAt: string; isOk: boolean };
};

const BOARDS = { connectwise: 'boards', autotask: 'queues' } as const;

describe.each<Provider>(['connectwise', 'autotask'])('the setup of %s', (provider) => {
  let running: RunningTicketing;
  let subject: Subject;
  beforeAll(async () => {
    running = await RunningTicketing.start(provider);
    subject = await running.subject();
  });
  afterAll(() => running.close());
  beforeEach(() => running.simulator.admin('POST', '/admin/reset'));

  const ask = async (method: string, path: string, who: Subject = subject): Promise<Answer> =>
    (await running.callerOf(who)(method, `/api/v1/psa/${provider}/${path}`)) as Answer;
  const lookUp = (what: string, who?: Subject) => ask('POST', `lookups/${what}`, who);
  const stepOf = ({ body }: Answer, name: string) => body.steps.find((step) => step.name === name);

  it('D19, D21, D25: Retrieve shows what is in the PSA at that time', async () => {
    const { status, body } = await lookUp(BOARDS[provider]);
    expect([status, Date.parse(body.readAt) > 0]).toEqual([200, true]);
    expect(body.items).toContainEqual(
      expect.objectContaining({ id: expect.any(Number), name: 'Managed Services Alerts', isActive: true }),
    );
    const id = String(body.items[0]?.id);
    await running.simulator.admin('PATCH', `/admin/catalogue/${provider}/${BOARDS[provider]}/${id}`, { name: 'New name', label: 'New name' }); // prettier-ignore
    expect((await lookUp(BOARDS[provider])).body.items[0]).toMatchObject({
      id: Number(id),
      name: 'New name',
    });
  });

  it('reads hundreds of companies, and contracts of one (D33)', async () => {
    expect((await lookUp('companies')).body.items.length).toBeGreaterThan(300);
    const { body } = await lookUp(`contracts?accountId=${provider === 'connectwise' ? 250 : 175}`);
    expect(body.items).toHaveLength(2);
    expect(typeof body.items[0]?.id).toBe('string');
  });

  it('D18: without credentials nothing can be retrieved, and nothing is asked', async () => {
    const nobody = { ...subject, partnerId: '01900000-0000-7000-8000-000000000001' };
    const answer = await lookUp('priorities', nobody);
    expect([answer.status, answer.body.detail]).toEqual([409, 'Enter the credentials first.']);
  });

  it.each([
    ['lookups/nonsense', 400],
    [`lookups/${provider === 'connectwise' ? 'queues' : 'boards'}`, 400],
    ['lookups/contracts', 400],
    ['lookups/companies?accountId=x', 400],
    ['lookups/companies?surprise=1', 400],
  ])('answers POST %s by %i', async (path, status) => {
    expect((await ask('POST', path)).status).toBe(status);
  });

  if (provider === 'connectwise')
    it('names a board that the PSA has not (422)', async () => {
      expect((await lookUp('statuses?boardId=999')).status).toBe(422);
      expect((await lookUp('statuses')).status).toBe(400);
      expect((await lookUp('statuses?boardId=14')).body.items.map(({ name }) => name)).toContain('Assigned');
    });

  it('serves its own PSA alone', async () => {
    const other = provider === 'connectwise' ? 'autotask' : 'connectwise';
    const call = running.callerOf(subject);
    expect((await call('POST', `/api/v1/psa/${other}/lookups/companies`)).status).toBe(404);
    expect((await call('POST', '/api/v1/psa/jira/lookups/companies')).status).toBe(400);
  });

  it.each([
    [{ kind: 'down' }, 502, 'could not be reached'],
    [{ kind: 'status', status: 403 }, 502, 'permission'],
    [{ kind: 'status', status: 500 }, 502, 'error of its own'],
    [{ kind: 'html_200' }, 502, 'a page instead'],
    [{ kind: 'hang' }, 504, 'in time'],
  ])('answers a PSA with fault %j by %i and the step', async (fault, status, words) => {
    await running.fault({ ...fault, match: 'lookup' });
    const answer = await lookUp('priorities');
    expect([answer.status, answer.body.detail]).toEqual([status, expect.stringContaining(words)]);
    expect(answer.body.detail).toContain('reading priorities');
  });

  it('a rate limit is told with its wait, and holds back tickets too', async () => {
    await running.fault({ kind: 'rate_limit', retryAfter: '2', match: 'lookup' });
    expect((await lookUp('priorities')).status).toBe(503);
    const before = await calls();
    expect((await lookUp('priorities')).status).toBe(503);
    expect(await calls()).toBe(before);
    await eventually(async () => expect((await lookUp('priorities')).status).toBe(200), {
      timeoutMs: 20_000,
    });
  });

  const calls = async (): Promise<number> => {
    const answer = await running.simulator.admin('GET', `/admin/requests?provider=${provider}`);
    return (answer as { items: unknown[] }).items.length;
  };

  it('D19: while the breaker is open nobody is asked (503)', async () => {
    await running.query(
      "UPDATE psa_connection SET breaker = 'open', breaker_until = now() + interval '1 hour'",
    );
    const before = await calls();
    expect((await lookUp('priorities')).status).toBe(503);
    expect((await ask('GET', 'diagnostics')).status).toBe(503);
    expect(await calls()).toBe(before);
    await running.query("UPDATE psa_connection SET breaker = 'closed', breaker_until = '-infinity'");
  });

  it('a person who asks and asks uses up the calls of the connection (429), no more', async () => {
    await running.query('UPDATE psa_connection SET tokens = 0, tokens_at = now(), rate_per_minute = 1');
    expect((await lookUp('priorities')).status).toBe(429);
    await running.query('UPDATE psa_connection SET tokens = 20, tokens_at = now(), rate_per_minute = 60000');
    expect((await lookUp('priorities')).status).toBe(200);
  });

  it('diagnoses step by step, each with what is wrong', async () => {
    const well = await ask('GET', 'diagnostics');
    expect(well.body.steps.filter(({ state }) => state === 'failed')).toEqual([]);
    expect(stepOf(well, 'login')).toMatchObject({ state: 'ok', findings: [] });
    const companies = provider === 'connectwise' ? 250 : 175;
    await running.simulator.admin('DELETE', `/admin/catalogue/${provider}/companies/${companies}`);
    const gone = await ask('GET', 'diagnostics');
    expect(gone.body.isOk).toBe(false);
    expect(stepOf(gone, 'managedIds')?.state).toBe(provider === 'connectwise' ? 'ok' : undefined);
    expect(stepOf(gone, 'customerMap')).toMatchObject({
      state: 'failed',
      findings: [{ reason: 'company_gone' }],
    });
  });

  if (provider === 'connectwise')
    it('E11, E63: for tickets alone walks the steps that tickets need, and none of billing; one half done is named by number', async () => {
      const { body } = await ask('GET', 'diagnostics');
      expect([body.isOk, body.steps.flatMap(({ findings }) => findings)]).toEqual([true, []]);
      const walked = new Set(body.steps.flatMap(({ guideStep }) => guideStep ?? []));
      expect([...walked].sort()).toEqual(['1', '10', '2', '3', '4', '5', '6', '7']);
      const other = await running.subject();
      await running.connect(other, { ticketing: { boardId: 999, subjectPrefix: '[HALF]' } });
      await running.settings(other, '[HALF]');
      const halfDone = await ask('GET', 'diagnostics', other);
      const wrong = halfDone.body.steps.filter(({ state }) => state === 'failed');
      expect(wrong).toMatchObject([{ name: 'board', guideStep: '2', findings: [{ reason: 'unknown' }] }]);
    });

  if (provider === 'connectwise')
    it('names a status that is gone, or of another board, also where no board is chosen', async () => {
      const other = await running.subject();
      const said = async (newStatusId: number): Promise<object | undefined> => {
        const subjectPrefix = `[NO BOARD ${newStatusId}]`;
        await running.connect(other, { ticketing: { newStatusId, subjectPrefix } });
        await running.settings(other, subjectPrefix);
        return stepOf(await ask('GET', 'diagnostics', other), 'statuses');
      };
      for (const status of [9999, 202])
        expect(await said(status)).toMatchObject({ state: 'failed', findings: [{ reason: 'unknown' }] });
      expect(await said(102)).toMatchObject({ state: 'ok' });
    });

  it('skips what lies behind a login that fails, and says the keys are wrong', async () => {
    const other = await running.subject();
    const secret = { privateKey: 'wrongKey', password: 'wrongKey', trackingIdentifier: 'wrongKey' };
    await running.connect(other, { version: '2', secret });
    await running.knows(other, '2');
    const answer = await ask('GET', 'diagnostics', other);
    expect(stepOf(answer, 'login')).toMatchObject({
      state: 'failed',
      findings: [{ reason: 'unauthorized' }],
    });
    expect(stepOf(answer, 'customerMap')?.state).toBe('skipped');
    expect(JSON.stringify(answer.body)).not.toContain('wrongKey');
    expect((await lookUp('priorities', other)).status).toBe(502);
  });

  it('suggests companies by name, and maps none', async () => {
    const other = await running.subject();
    await running.customer(other, 40001, 'Customer 2007 Ltd.');
    await running.customer(other, 40002, 'Nobody like that');
    const { status, body } = await ask('POST', 'customer-map/suggest', other);
    expect([status, body.items]).toEqual([
      200,
      [{ custId: 40001, customerName: 'Customer 2007 Ltd.', psaCompanyId: '2007', companyName: 'Customer 2007', confidence: 0.95 }],
    ]); // prettier-ignore
    const mapped = await running.query(
      'SELECT 1 FROM customer_map WHERE cust_id = 40001 AND psa_company_id IS NOT NULL',
    );
    expect(mapped).toEqual([]);
  });

  it('D32: answers accounts, by its own credential alone, whether the PSA has what a form names', async () => {
    const link = running.linkOf(subject);
    const question = {
      companies: ['999999', provider === 'connectwise' ? '250' : '175'],
      ticketing: { priorityId: 77 },
    };
    const post = async (token: string) =>
      fetch(`${running.service.url}/internal/psa-checks`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', [SERVICE_HEADER]: token },
        body: JSON.stringify({ ...link, ...question }),
      });
    const answer = await post(signService(SERVICE_KEY, 'psa-check'));
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({
      companies: [{ name: 'ACME Corp' }],
      settings: { problems: [{ field: 'priorityId', rule: 'unknown' }] },
    });
    expect((await post(signService(SERVICE_KEY, 'authentication'))).status).toBe(401);
  });

  it('D24, D28: new settings hold for tickets of before, too', async () => {
    const other = await running.subject();
    const opening = await running.request(other, 'raise');
    expect(await running.outcome(opening)).toBe('done opened');
    const completeStatusId = provider === 'connectwise' ? 106 : 24;
    if (provider === 'connectwise')
      await running.simulator.admin('PATCH', '/admin/catalogue/connectwise/statuses/103', { id: 106, name: 'Done', closedStatus: true }); // prettier-ignore
    await running.connect(other, { ticketing: { completeStatusId, subjectPrefix: '[NEW]' } });
    await running.settings(other, '[NEW]');
    expect(await running.outcome(await running.request(other, 'resolve'))).toBe('done resolved');
    const [ticket] = await running.tickets(opening);
    expect(ticket?.statusId).toBe(completeStatusId);
    expect(await running.outcome(await running.request(await running.another(other), 'raise'))).toBe(
      'done opened',
    );
    expect((await running.tickets()).some(({ summary }) => summary.startsWith('[NEW] '))).toBe(true);
  });

  it('D45, F32: errors and warnings open in the chosen queue or board, with the one chosen priority', async () => {
    const other = await running.subject();
    const chosen = {
      connectwise: { boardId: 14, newStatusId: 202, completeStatusId: 203, priorityId: 9 },
      autotask: { queueId: 29683354, priorityId: 3 },
    }[provider];
    await running.connect(other, { ticketing: { ...chosen, subjectPrefix: '[CHOSEN]' } });
    await running.settings(other, '[CHOSEN]');
    for (const severity of ['ERROR', 'WARNING'] as const) {
      const opening = await running.request(await running.another(other), 'raise', severity);
      expect(await running.outcome(opening)).toBe('done opened');
      const [ticket] = await running.tickets(opening);
      expect([ticket?.board, ticket?.priority]).toEqual(['Help Desk', expect.stringMatching(/Low$/)]);
    }
  });

  it('D27: a priority that is gone from the PSA is replaced by its default, with a warning', async () => {
    const other = await running.subject();
    await running.connect(other, { ticketing: { priorityId: 77, subjectPrefix: '[GONE]' } });
    await running.settings(other, '[GONE]');
    const opening = await running.request(other, 'raise');
    expect(await running.outcome(opening)).toBe('done opened');
    expect(running.outcomes.get(opening.requestId)?.message).toContain('priority of the settings is gone');
    expect((await running.tickets(opening))[0]?.priority).toMatch(/Medium/);
  });

  it('a status or board that is gone waits for a person, who reads which field it is', async () => {
    const other = await running.subject();
    await running.connect(other, { ticketing: { newStatusId: 9999, subjectPrefix: '[LOST]' } });
    await running.settings(other, '[LOST]');
    const opening = await running.request(other, 'raise');
    expect(await running.outcome(opening)).toBe('failed invalid_field');
    expect(running.outcomes.get(opening.requestId)?.message).toMatch(/status/);
    await running.connect(other, { ticketing: { subjectPrefix: '[FOUND]' } });
    await eventually(() => expect(running.outcomes.get(opening.requestId)?.state).toBe('done'), {
      timeoutMs: 30_000,
    });
  });

  it('D32: a mapped company that goes, and comes back, is noticed without anybody asking', async () => {
    const known = async (): Promise<unknown> => {
      const sql = 'SELECT problems FROM customer_map WHERE partner_id = $1';
      return (await running.query<{ problems: string | null }>(sql, [subject.partnerId]))[0]?.problems;
    };
    // The last of these tests: from here on the service asks by itself.
    const company = `${provider}/companies/${provider === 'connectwise' ? 250 : 175}`;
    await running.service.stop();
    await running.boot({ CHECK_MAP_EVERY_MS: '1000' });
    await eventually(async () => expect(await known()).toBe('[]'), { timeoutMs: 30_000 });
    await running.simulator.admin('DELETE', `/admin/catalogue/${company}`);
    await eventually(async () => expect(await known()).toBe('["company_gone"]'), { timeoutMs: 30_000 });
    await running.simulator.admin('POST', '/admin/reset');
    await eventually(async () => expect(await known()).toBe('[]'), { timeoutMs: 30_000 });
  });
});
