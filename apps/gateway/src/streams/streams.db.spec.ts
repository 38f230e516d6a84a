import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { uuidv7 } from '@backhaul/domain';
import { accountsBrands, accountsConnections, backupEvents, Publisher, ticketOutcomes, type Topic, toRecord } from '@backhaul/messaging'; // prettier-ignore
import { eventually } from '@backhaul/testing';
import { Listener } from '../testing/listener.js';
import { PARTNER, RunningGateway } from '../testing/running-gateway.js';

jest.setTimeout(60_000);
const PATIENT = { timeoutMs: 20_000 };
const SECRET = 's'.repeat(43);
const COOKIE = { cookie: `__Host-sid=${SECRET}` };
const [ROOT, MID, LEAF] = [uuidv7(1), uuidv7(2), uuidv7(3)];
const PERSON = {
  partnerId: PARTNER, role: 'partner-senior-manager', scopes: [], subject: 'account:7', brandId: null, accountNo: 7,
  actor: null, steppedUpAt: 1,
}; // prettier-ignore

let gateway: RunningGateway;
let other: RunningGateway;
let publisher: Publisher;
const open: Listener[] = [];
/** Who a session or a token belongs to; null: to nobody any more. */
let person: object | null = PERSON;
/** What tokens differ in. */
const others: Record<string, object> = {
  bkt_brand: { brandId: MID },
  bkt_user: { role: 'power-user', accountNo: 5 },
};
const as = (name: string) => ({ authorization: `Bearer bkt_${name}` });

beforeAll(async () => {
  gateway = await RunningGateway.start({ STREAMS_PER_PERSON: 3, STREAMS: 5 });
  other = await RunningGateway.start({ KAFKA_TOPIC_PREFIX: gateway.kafka.prefix });
  publisher = new Publisher(gateway.kafka.kafka, { prefix: gateway.kafka.prefix });
  for (const each of [gateway, other])
    each.services.accounts.answer = ({ body }, reply) => {
      const { secret } = JSON.parse((body as Buffer).toString()) as { secret: string };
      const who = secret.startsWith('bkt_') ? { ...PERSON, subject: secret, ...others[secret] } : person;
      return who === null ? reply.status(401).send({ status: 401 }) : who;
    };
  await send(accountsBrands, { partnerId: PARTNER, brandId: LEAF, parentId: MID, name: 'leaf', path: [ROOT, MID, LEAF] }, PARTNER, LEAF); // prettier-ignore
});
afterAll(async () => {
  await publisher.close();
  await other.stop();
  await gateway.stop();
});
beforeEach(() => {
  person = PERSON;
});
afterEach(async () => {
  for (const listener of open.splice(0)) listener.close();
  await eventually(() => expect(open).toEqual([]));
});

async function send<P extends object>(
  topic: Topic<P>,
  payload: object,
  partnerId: string,
  key: string,
): Promise<string> {
  const id = uuidv7(Date.now());
  const envelope = {
    id,
    partnerId,
    occurredAt: new Date().toISOString(),
    correlationId: id,
    causationId: null,
  };
  await publisher.send([toRecord(topic, payload as P, envelope, key)]);
  return id;
}

async function event(
  over: { accountNo?: number; brandId?: string | null; partnerId?: string } = {},
): Promise<string> {
  const { accountNo = 80202028, brandId = LEAF, partnerId = PARTNER } = over;
  const eventId = uuidv7(Date.now());
  await send(backupEvents, { event: { eventId, tenant: { accountNo, brandId } }, isLate: false }, partnerId, String(accountNo)); // prettier-ignore
  return eventId;
}

async function listen(headers: Record<string, string> = COOKIE, at = gateway): Promise<Listener> {
  const listener = await Listener.open(at.port, headers);
  open.push(listener);
  return listener;
}

/** One that is told of what happens now: Kafka is being read. */
async function listening(headers: Record<string, string> = COOKIE, at = gateway): Promise<Listener> {
  const listener = await listen(headers, at);
  expect(listener.status).toBe(200);
  const first = await event();
  await eventually(() => expect(listener.ids()).toContain(first), PATIENT);
  return listener;
}

describe('GET /stream', () => {
  test('tells kinds and ids of what changes, and nothing else', async () => {
    const listener = await listening();
    expect(listener.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    const incidentId = uuidv7(Date.now());
    const [eventId, connectionId] = [await event(), uuidv7(Date.now())];
    await send(ticketOutcomes, { eventId, incidentId, ticketId: '1003', provider: 'connectwise', accountNo: 80202028, message: 'words' }, PARTNER, '80202028'); // prettier-ignore
    await send(accountsConnections, { connectionId, sealedSecret: 'words' }, PARTNER, connectionId);
    await eventually(() => expect(listener.ids()).toEqual(expect.arrayContaining([eventId, incidentId, 'connectwise/1003', connectionId])), PATIENT); // prettier-ignore
    for (const { event: kind, data, id } of listener.told) {
      expect(data).toEqual({ kind, id: expect.any(String) });
      expect(id).toMatch(/^\d{13}-\d+$/);
    }
  });

  test('tells nobody of what is not within the own scope', async () => {
    const theirs = uuidv7(9);
    const [all, ofBrand] = [await listening(), await listening(as('brand'))];
    const endUser = await listen(as('user'));
    const foreign = await event({ partnerId: theirs });
    const hidden = await event({ brandId: ROOT, accountNo: 6 });
    const own = await event({ accountNo: 5 });
    await eventually(() => expect(endUser.ids()).toEqual([own]), PATIENT);
    await eventually(() => expect(all.ids()).toEqual(expect.arrayContaining([hidden, own])), PATIENT);
    await eventually(() => expect(ofBrand.ids()).toContain(own), PATIENT);
    expect(ofBrand.ids()).not.toContain(hidden);
    expect([...all.ids(), ...ofBrand.ids()]).not.toContain(foreign);
  });

  test('a listener that comes back is told what it missed, at another gateway as well', async () => {
    const first = await listening();
    const { lastId } = first;
    first.close();
    const missed = await event();
    for (const at of [gateway, other]) {
      const again = await listen({ ...COOKIE, 'last-event-id': lastId }, at);
      if (at === other) await listening(COOKIE, other);
      const told = () => again.ids().concat(again.told.map(({ event: kind }) => kind));
      await eventually(() => expect(told()).toEqual(expect.arrayContaining([missed])), PATIENT);
      expect(told()).not.toContain('reset');
    }
  });

  test('one that was away too long is told to read anew, and a made-up id is a 400', async () => {
    await listening();
    const late = await listen({ ...COOKIE, 'last-event-id': `${Date.now() - 3_600_000}-1` });
    await eventually(() => expect(late.told[0]?.event).toBe('reset'));
    expect((await listen({ ...COOKIE, 'last-event-id': 'x' })).status).toBe(400);
  });

  test('ends within 5 s of a logout, and of the end of a key', async () => {
    const key = await gateway.issueKey();
    const bearer = { authorization: `Bearer ${key.text}` };
    await eventually(async () =>
      expect((await gateway.call('GET', '/api/v1/events', bearer)).status).toBe(200),
    );
    const [byKey, bySession] = [await listen(bearer), await listen()];
    expect([byKey.status, bySession.status]).toEqual([200, 200]);
    await gateway.revokeKey(key.keyId);
    person = null;
    await eventually(() => expect([byKey.isEnded, bySession.isEnded]).toEqual([true, true]), {
      timeoutMs: 5000,
    });
    expect((await listen()).status).toBe(401);
  });

  test('ends within 2 s of the suspension of its partner, and none is opened meanwhile', async () => {
    const key = await gateway.issueKey();
    const bearer = { authorization: `Bearer ${key.text}` };
    await eventually(async () =>
      expect((await gateway.call('GET', '/api/v1/events', bearer)).status).toBe(200),
    );
    const [byKey, bySession] = [await listen(bearer), await listen()];
    expect([byKey.status, bySession.status]).toEqual([200, 200]);
    try {
      await gateway.tellPartner(PARTNER, true);
      await eventually(() => expect([byKey.isEnded, bySession.isEnded]).toEqual([true, true]), {
        timeoutMs: 2000,
      });
      expect((await listen(bearer)).status).toBe(403);
    } finally {
      await gateway.tellPartner(PARTNER, false);
      await eventually(async () =>
        expect((await gateway.call('GET', '/api/v1/events', bearer)).status).toBe(200),
      );
    }
  });

  test('asking about an open stream is no use of its session', async () => {
    gateway.services.accounts.seen.length = 0;
    await listen();
    const passive = () =>
      gateway.services.accounts.seen.filter(({ body }) => body.includes('"isPassive":true'));
    await eventually(() => expect(passive().length).toBeGreaterThan(0), { timeoutMs: 5000 });
  });

  test('a person has so many streams (429), and all together so many (503)', async () => {
    for (let n = 0; n < 3; n += 1) expect((await listen()).status).toBe(200);
    const more = await listen();
    expect([more.status, more.headers['content-type']]).toEqual([
      429,
      'application/problem+json; charset=utf-8',
    ]);
    expect(Number(more.headers['retry-after'])).toBeGreaterThan(0);
    expect([(await listen(as('a'))).status, (await listen(as('b'))).status]).toEqual([200, 200]);
    expect((await listen(as('c'))).status).toBe(503);
    open.shift()?.close();
    await eventually(async () => expect((await listen(as('c'))).status).toBe(200));
  });

  test('another method is a 405, a query a 400, no login a 401', async () => {
    expect((await gateway.call('POST', '/api/v1/stream', COOKIE)).status).toBe(405);
    expect((await gateway.call('GET', '/api/v1/stream?x=1', COOKIE)).status).toBe(400);
    expect((await listen({})).status).toBe(401);
  });
});
