import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Secret, systemClock } from '@backhaul/domain';
import { eventually } from '@backhaul/testing';
import { Logger } from '@nestjs/common';
import { buildKnownEvent, type EventIn } from '../testing/builders.js';
import { refusals, TestHttp } from '../testing/http.js';
import { TestReceiver } from '../testing/receiver.js';
import { delivered, TestSystem, TOKEN_KEY } from '../testing/system.js';
import { WebhookParts } from './webhook-parts.js';
import { signedHeaders } from './webhook-signature.js';

jest.setTimeout(60_000);
Logger.overrideLogger(false);
const WAIT = { timeoutMs: 30_000 };
const RULES = 'notification-rules';

let system: TestSystem;
let http: TestHttp;
let receiver: TestReceiver;
const workers: WebhookParts[] = [];
beforeAll(async () => {
  [system, receiver] = await Promise.all([TestSystem.start(), TestReceiver.start()]);
  http = await TestHttp.start(system);
});
afterAll(async () => {
  await http.close();
  await system.close();
  receiver.close();
});
beforeEach(async () => {
  await system.empty();
  receiver.rest();
});
afterEach(async () => {
  for (const parts of workers.splice(0)) await parts.stop();
});

/** One process's workers. */
async function work(timeoutS = 5, egressAllow = '127.0.0.0/8'): Promise<void> {
  const settings = { databaseUrl: system.database.url, egressAllow, timeoutS, serviceTokenKey: TOKEN_KEY };
  const parts = new WebhookParts(settings);
  await parts.queue.start();
  workers.push(parts);
  await parts.work(system.unitOfWork, systemClock);
}
const rule = (over: object = {}) => ({
  name: 'Tell us',
  action: 'webhook',
  severities: { ok: true, warning: true, error: true },
  allEventTypes: true,
  webhook: { url: receiver.url },
  ...over,
});
const create = async (over: object = {}) => {
  const made = await http.call('POST', RULES, { body: rule(over) });
  expect([made.status, made.body]).toEqual([201, expect.anything()]);
  const { secret = '' } = made.body['webhook'] as { secret?: string };
  return { id: String(made.body['id']), secret: new Secret(secret), etag: String(made.headers['etag']) };
};
const happens = async (over: EventIn = {}) => {
  const event = delivered(buildKnownEvent(over));
  await system.instance().handle([event]);
  return event;
};
const deliveries = async (query = '') =>
  (await http.call('GET', `webhook-deliveries${query}`)).body.items ?? [];
const said = async () =>
  (await system.outbox())
    .flatMap(({ payload }) => payload.actions ?? [])
    .map(({ state, reason }) => reason ?? state);
const ends = (state: string) =>
  eventually(async () => expect((await deliveries()).map((one) => one['state'])).toEqual([state]), WAIT);
const isRetried = () =>
  eventually(async () => expect((await deliveries())[0]).toMatchObject({ state: 'pending', attempts: 1, reason: expect.any(String) }), WAIT); // prettier-ignore

describe('a webhook', () => {
  it('is called once for an event, signed, and what came of it stands beside the event', async () => {
    const { id, secret } = await create();
    const event = await happens({ message: 'Disk full' });
    await system.instance().handle([event]);
    await system.unitOfWork.query('TRUNCATE inbox');
    await system.instance().handle([event]);
    await Promise.all([work(), work()]);
    await ends('delivered');
    const [call] = receiver.calls;
    expect(receiver.calls).toHaveLength(1);
    expect(call?.path).toBe('/hook?x=1');
    const body = JSON.parse(call?.body ?? '') as { type: string; data: object };
    expect(body).toMatchObject({
      type: 'backup.failed',
      data: { ruleId: id, message: 'Disk full', custId: 34826 },
    });
    const [one] = await deliveries();
    expect(one).toMatchObject({ ruleId: id, eventId: event.payload?.event.eventId, attempts: 1, status: 204, answer: null, reason: null }); // prettier-ignore
    const { 'webhook-id': webhookId, 'webhook-timestamp': timestamp, 'webhook-signature': signature } = call?.headers ?? {}; // prettier-ignore
    expect(webhookId).toBe(one?.['id']);
    expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(30);
    const expected = signedHeaders({ id: String(webhookId), timestamp: Number(timestamp), body: call?.body ?? '' }, [secret]); // prettier-ignore
    expect(signature).toBe(expected['webhook-signature']);
    expect(await said()).toEqual(['pending', 'delivered']);
  });

  it('is called again while the receiver fails, with the same id, and shows what it answered', async () => {
    receiver.answers(500, `<h1>\u001b[31mout of\r\norder</h1>${'x'.repeat(5000)}`);
    await create();
    await happens();
    await work();
    await isRetried();
    const [one] = await deliveries();
    expect(one).toMatchObject({ reason: 'answered 500', status: 500 });
    expect(String(one?.['answer'])).toMatch(/^<h1> \[31mout of order<\/h1>x+…$/);
    expect(String(one?.['answer']).length).toBeLessThanOrEqual(500);
    receiver.answers(200, 'thanks');
    await ends('delivered');
    expect(new Set(receiver.calls.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(await said()).toEqual(['pending', 'delivered']);
  });

  it.each<[string, () => void]>([
    ['redirects', () => receiver.answers(302, '', { location: 'http://127.0.0.1:1/' })],
    ['takes too long', () => (receiver.answer = () => undefined)],
    ['hangs up', () => (receiver.answer = (response) => response.destroy())],
    ['is asked for less', () => receiver.answers(429)],
  ])('comes again to a receiver that %s', async (_what, behave) => {
    behave();
    await create();
    await happens();
    await work(1);
    await isRetried();
    expect(receiver.calls.every(({ path }) => path === '/hook?x=1')).toBe(true);
  });

  it('reads no more of an answer than its beginning, however long it is', async () => {
    receiver.answer = (response) => {
      response.writeHead(200);
      const more = (): void => void (response.destroyed || response.write('y'.repeat(65_536), more));
      more();
    };
    await create();
    await happens();
    await work();
    await ends('delivered');
  });

  it('stops for a receiver that is gone, until somebody saves the rule again', async () => {
    receiver.answers(410);
    const { id } = await create();
    await happens();
    await work();
    await ends('failed');
    const shown = await http.call('GET', `${RULES}/${id}`);
    expect(shown.body['webhook']).toEqual({ url: receiver.url, disabledReason: 'The receiver answered 410: it wants no more.' }); // prettier-ignore
    await happens({ job: 'other' });
    expect(await said()).toEqual(['pending', 'undelivered', 'webhook_disabled']);
    expect(receiver.calls).toHaveLength(1);
    receiver.answers(204);
    const headers = { 'if-match': String(shown.headers['etag']) };
    const saved = await http.call('PUT', `${RULES}/${id}`, { headers, body: rule() });
    expect(saved.body['webhook']).toEqual({ url: receiver.url, disabledReason: null });
    await happens({ job: 'third' });
    await eventually(() => expect(receiver.calls).toHaveLength(2), WAIT);
  });

  it('never leaves for an address that is not allowed, whatever the rule says', async () => {
    await create();
    await happens();
    await work(5, '');
    await ends('failed');
    expect(await deliveries()).toMatchObject([{ reason: 'the address may not be called', status: null }]);
    expect(receiver.calls).toEqual([]);
  });

  it('is given up after a day, and tried for another when somebody asks', async () => {
    const { id } = await create();
    await happens();
    await system.unitOfWork.query("UPDATE webhook_deliveries SET expires_at = now() - interval '1 s'");
    await work();
    await ends('failed');
    expect(await deliveries(`?ruleId=${id}&state=failed`)).toMatchObject([
      { reason: 'it was tried for a day' },
    ]);
    expect(await deliveries('?state=delivered')).toEqual([]);
    const [one] = await deliveries();
    const again = await http.call('POST', `webhook-deliveries/${String(one?.['id'])}/resend`);
    expect([again.status, again.body['state']]).toEqual([202, 'pending']);
    await ends('delivered');
    expect(receiver.calls[0]?.headers['webhook-id']).toBe(one?.['id']);
    expect(await said()).toEqual(['pending', 'undelivered', 'delivered']);
  });

  it('is sent once more although it was delivered, but not while it is tried', async () => {
    await create();
    await happens();
    const path = async () => `webhook-deliveries/${String((await deliveries())[0]?.['id'])}/resend`;
    expect((await http.call('POST', await path())).status).toBe(409);
    await work();
    await ends('delivered');
    expect((await http.call('POST', await path())).status).toBe(202);
    await eventually(() => expect(receiver.calls).toHaveLength(2), WAIT);
    expect((await http.call('POST', 'webhook-deliveries/01920000-0000-7000-8000-000000000001/resend')).status).toBe(404); // prettier-ignore
  });

  it('does not exist when the handling of its event fails', async () => {
    await create();
    const instance = system.instance();
    const failing = jest
      .spyOn(system.webhookQueue, 'add')
      .mockRejectedValueOnce(new Error('connection lost'));
    const event = delivered(buildKnownEvent());
    await expect(instance.handle([event])).rejects.toThrow('connection lost');
    failing.mockRestore();
    expect(await deliveries()).toEqual([]);
    await instance.handle([event]);
    expect(await deliveries()).toHaveLength(1);
  });

  it('is not called for problems while it is silent, but for what ends', async () => {
    await create();
    await http.call('POST', 'silences', { body: { endsAt: '2026-11-20T06:00:00Z', reason: 'Quiet' } });
    const receivedAt = '2026-11-20T03:00:00.000Z';
    await happens({ receivedAt });
    await happens({ receivedAt, type: 'backup.completed' });
    expect(await said()).toEqual(['silenced', 'pending']);
  });
});

describe('the secret of a webhook', () => {
  it('is shown once, kept over changes, and stands nowhere in the database', async () => {
    const headers = { 'idempotency-key': 'once' };
    const [first, repeat] = [
      await http.call('POST', RULES, { body: rule(), headers }),
      await http.call('POST', RULES, { body: rule(), headers }),
    ];
    const { secret } = first.body['webhook'] as { secret: string };
    expect(secret).toMatch(/^whsec_/);
    expect(repeat.body).toEqual(first.body);
    const path = `${RULES}/${String(first.body['id'])}`;
    const put = await http.call('PUT', path, { body: rule({ name: 'Other' }), headers: { 'if-match': '*' } });
    for (const { body } of [put, await http.call('GET', path), await http.call('GET', RULES)])
      expect(JSON.stringify(body)).not.toContain('whsec_');
    const tables = await system.unitOfWork.query<{ name: string }>("SELECT tablename AS name FROM pg_tables WHERE schemaname IN ('public', 'pgboss')"); // prettier-ignore
    for (const { name } of tables.filter((table) => !table.name.startsWith('pg_'))) {
      const rows = await system.unitOfWork.query(`SELECT * FROM ${name === 'job' ? 'pgboss.job' : `public.${name}`}`).catch(() => []); // prettier-ignore
      expect([name, JSON.stringify(rows).includes(secret.slice(6))]).toEqual([name, false]);
    }
  });

  it('may be brought along, and replaced: for a day both sign', async () => {
    const own = `whsec_${Buffer.from('a secret of thirty-two bytes, yes').toString('base64')}`;
    const { id } = await create({ webhook: { url: receiver.url, secret: own } });
    const rotated = await http.call('POST', `${RULES}/${id}/rotate-secret`);
    const { secret } = rotated.body['webhook'] as { secret: string };
    expect([rotated.status, secret]).toEqual([200, expect.not.stringContaining(own)]);
    await happens();
    await work();
    await ends('delivered');
    const [call] = receiver.calls;
    const signed = { id: String(call?.headers['webhook-id']), timestamp: Number(call?.headers['webhook-timestamp']), body: call?.body ?? '' }; // prettier-ignore
    expect(call?.headers['webhook-signature']).toBe(signedHeaders(signed, [new Secret(secret), new Secret(own)])['webhook-signature']); // prettier-ignore
  });

  it.each<[string, object, string]>([
    ['no address', { webhook: {} }, '400 /webhook/url'],
    ['no webhook at all', { webhook: null }, '422 /webhook'],
    ['a webhook of a ticket', { action: 'open_autotask_ticket' }, '422 /webhook'],
    ['an address of this machine', { webhook: { url: 'https://localhost/x' } }, '422 /webhook/url'],
    ['plain http', { webhook: { url: 'http://hooks.example/x' } }, '422 /webhook/url'],
    ['a secret that is too short', { webhook: { url: 'https://hooks.example/x', secret: 'whsec_abcd' } }, '400 /webhook/secret'],
    ['an unknown field', { webhook: { url: 'https://hooks.example/x', token: 'a' } }, '400 /webhook/token'],
  ])('of a rule with %s is refused with a pointer', async (_what, over, refused) => {
    expect(refusals(await http.call('POST', RULES, { body: rule(over) }))).toContain(refused);
  }); // prettier-ignore

  it('is replaced only where there is one', async () => {
    const { id } = await system.createRule();
    expect((await http.call('POST', `${RULES}/${id}/rotate-secret`)).status).toBe(409);
    expect(refusals(await http.call('GET', 'webhook-deliveries?state=lost'))).toEqual(['400 /state']);
    expect(refusals(await http.call('GET', 'webhook-deliveries?ruleId=x'))).toEqual(['400 /ruleId']);
  });
});
