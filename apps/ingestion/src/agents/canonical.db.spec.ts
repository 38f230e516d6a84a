import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { newApiKey } from '@backhaul/http';
import { accountsApiKeys, Publisher, toRecord } from '@backhaul/messaging';
import { eventually } from '@backhaul/testing';
import { ACCOUNT_NO, Running } from '../testing/running.js';

jest.setTimeout(60_000);

const API_KEY = newApiKey();

let running: Running;
let key: string;

const event = (idempotencyKey: string, more: object = {}): object => ({
  idempotencyKey,
  outcome: { status: 'failed', message: 'disk full' },
  ...more,
});

async function send(
  body: unknown,
  as = key,
  type = 'application/json',
): Promise<{ status: number; body: Record<string, unknown> }> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const answer = await running.post('/v1/events', text, {
    authorization: `Bearer ${as}`,
    'content-type': type,
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

beforeAll(async () => {
  running = await Running.start();
  ({ key } = await running.endpoint('generic'));
  const publisher = new Publisher(running.kafka.kafka, { prefix: running.kafka.prefix });
  const { partnerId } = running;
  const payload = {
    keyId: API_KEY.keyId,
    partnerId,
    secretHash: API_KEY.secretHash,
    scopes: ['events:write'],
    role: 'partner-api',
    expiresAt: null,
  };
  const envelope = {
    id: partnerId,
    occurredAt: new Date().toISOString(),
    partnerId,
    correlationId: partnerId,
    causationId: null,
  };
  await publisher.send([toRecord(accountsApiKeys, payload, envelope)]);
  await publisher.close();
});
afterAll(() => running.close());

describe('POST /v1/events', () => {
  it('answers 202 with the id of the event, which can be read back', async () => {
    const { status, body } = await send(event('one'));
    expect(status).toBe(202);
    expect(body).toMatchObject({ status: 'accepted' });
    const shown = await fetch(`${running.url}/v1/events/${String(body['eventId'])}`, {
      headers: { 'x-api-key': key },
    });
    expect(await shown.json()).toMatchObject({
      type: 'backup.failed',
      state: 'accepted',
      actions: [],
      replays: 0,
    });
  });

  it('tells a duplicate from another body with the same key', async () => {
    const first = await send(event('twice'));
    expect(await send(event('twice'))).toEqual({ status: 202, body: { ...first.body, status: 'duplicate' } });
    expect((await send(event('twice', { counts: { errors: 1 } }))).status).toBe(422);
  });

  it('stores the good ones of an array and says what is wrong with the others', async () => {
    const bad = { outcome: { status: 7 } };
    const { status, body } = await send([event('a-1'), bad, event('a-2'), event('a-1')]);
    expect(status).toBe(207);
    expect(body['results']).toMatchObject([
      { index: 0, status: 'accepted' },
      { index: 1, status: 'rejected', problem: { status: 400, errors: [{ pointer: '/outcome/status' }] } },
      { index: 2, status: 'accepted' },
      { index: 3, status: 'duplicate' },
    ]);
  });

  it('takes 1,000 at once, one of them bad, and refuses 1,001', async () => {
    const many = Array.from({ length: 1000 }, (_, i) => (i === 500 ? 'nonsense' : event(`m-${i}`)));
    const { status, body } = await send(many);
    expect(status).toBe(207);
    const results = body['results'] as { status: string }[];
    expect(results.filter((one) => one.status === 'accepted')).toHaveLength(999);
    expect((await send([...many, 1])).status).toBe(400);
  });

  it.each([
    ['no outcome', {}, 400],
    ['a type without severity', { type: 'bdr.offline' }, 400],
    ['an unknown type', { type: 'no.such', outcome: { severity: 'OK' } }, 400],
    ['a time 40 days ago', event('old', { timing: { endedAt: '2020-01-01T00:00:00Z' } }), 422],
    ['a time far ahead', event('new', { timing: { endedAt: '2099-01-01T00:00:00Z' } }), 422],
    ['a time without zone', event('zone', { timing: { endedAt: '2026-01-01T00:00:00' } }), 400],
    ['another account than the key is for', event('acc', { accountNo: ACCOUNT_NO + 1 }), 422],
    ['truncated JSON', '{"outcome":', 400],
    ['__proto__', '{"outcome":{"status":"failed"},"__proto__":{"x":1}}', 400],
    ['duplicate keys', '{"outcome":{"status":"failed"},"outcome":{"status":"failed"}}', 400],
    ['deep nesting', `{"outcome":{"status":"failed"},"ext":${'['.repeat(50)}${']'.repeat(50)}}`, 400],
    ['an empty array', [], 400],
  ])('refuses %s', async (_name, body, status) => {
    expect((await send(body)).status).toBe(status);
  });

  it('refuses another content type with 415 and a wrong key with 401', async () => {
    expect((await send(event('type'), key, 'text/plain')).status).toBe(415);
    expect((await send(event('key'), 'bke_nonsense')).status).toBe(401);
  });

  it('keeps an unknown word as unknown, negative counts as unknown, and unknown fields in ext', async () => {
    const { body } = await send(
      event('odd', { outcome: { status: 'exploded' }, counts: { errors: -2 }, colour: 'red' }),
    );
    const shown = (await (await running.api('GET', `/events/${String(body['eventId'])}`)).json()) as object;
    expect(shown).toMatchObject({
      outcome: { status: 'unknown', severity: 'WARNING', nativeStatus: 'exploded' },
      counts: {},
      ext: { generic: { colour: 'red', counts: { errors: -2 } } },
    });
  });

  it('takes an API key with the scope events:write, for accounts of its partner', async () => {
    await eventually(
      async () => (await send(event('api', { accountNo: ACCOUNT_NO }), API_KEY.text)).status === 202,
    );
    expect((await send(event('api-2', { accountNo: 99999999 }), API_KEY.text)).status).toBe(422);
    // One that nobody issued, and one whose last character is mistyped.
    const typo = API_KEY.text.slice(0, -1) + (API_KEY.text.endsWith('0') ? '1' : '0');
    for (const wrong of [newApiKey().text, typo]) expect((await send(event('api'), wrong)).status).toBe(401);
  });
});

describe('the event log', () => {
  it('pages through the events of an account, newest first, and filters', async () => {
    const first = (await (
      await running.api('GET', `/events?accountNo=${ACCOUNT_NO}&limit=10&total=true`)
    ).json()) as {
      items: { eventId: string }[];
      nextCursor: string;
      total: number;
    };
    expect(first.items).toHaveLength(10);
    expect(first.total).toBeGreaterThan(1000);
    const next = (await (
      await running.api('GET', `/events?limit=10&cursor=${first.nextCursor}`)
    ).json()) as typeof first;
    expect(next.items[0]?.eventId).not.toBe(first.items[9]?.eventId);
    expect([...first.items, ...next.items].map((e) => e.eventId)).toEqual(
      [...first.items, ...next.items]
        .map((e) => e.eventId)
        .sort()
        .reverse(),
    );
    const none = (await (await running.api('GET', '/events?to=2020-01-01T00:00:00Z')).json()) as typeof first;
    expect(none.items).toEqual([]);
    expect((await running.api('GET', '/events?limit=500')).status).toBe(400);
    expect((await running.api('GET', '/events?nonsense=1')).status).toBe(400);
  });

  it('shows nothing to another partner', async () => {
    const foreign = '01890000-0000-7000-8000-000000000000' as typeof running.partnerId;
    const list = (await (await running.api('GET', '/events', undefined, foreign)).json()) as {
      items: unknown[];
    };
    expect(list.items).toEqual([]);
  });
});
