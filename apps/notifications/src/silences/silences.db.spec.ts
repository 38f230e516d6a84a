import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { BrandId, PartnerId } from '@backhaul/domain';
import { BRAND, buildKnownEvent, type EventIn } from '../testing/builders.js';
import { refusals, TestHttp } from '../testing/http.js';
import { delivered, RULES_MADE_AT, TestSystem } from '../testing/system.js';

jest.setTimeout(60_000);
const OTHER = '01920000-0000-7000-8000-000000000002' as PartnerId;
const OTHER_BRAND = '01920000-0000-7000-8000-0000000000b9' as BrandId;
const HOUR_MS = 60 * 60 * 1000;

let system: TestSystem;
let http: TestHttp;
beforeAll(async () => {
  system = await TestSystem.start();
  http = await TestHttp.start(system);
});
afterAll(async () => {
  await http.close();
  await system.close();
});
beforeEach(async () => {
  await system.empty();
  system.clock.set(RULES_MADE_AT);
});

const at = (hours: number): string => new Date(Date.parse(RULES_MADE_AT) + hours * HOUR_MS).toISOString();
const silence = (over: object = {}) => ({ endsAt: at(6), reason: 'New disk', ...over });
const weekly = { days: ['fri'], from: '01:00', to: '04:00', timeZone: 'Europe/Berlin' };
const window = (over: object = {}) => ({ reason: 'Patches', weekly, ...over });
const happens = async (over: EventIn = {}) => {
  const event = buildKnownEvent({ receivedAt: at(2), ...over });
  await system.instance().handle([delivered(event)]);
  const decided = (await system.outbox()).filter(({ payload }) => payload['eventId'] === event.eventId);
  const actions = decided.flatMap(({ payload }) => payload.actions ?? []);
  return actions.map(({ state, reason }) => [state, reason]);
};
const intents = async () => (await system.tickets()).map(({ intent }) => intent);
const due = async (hours: number) => {
  system.clock.set(at(hours));
  return system.dueHandler().handle();
};

describe('silences over REST', () => {
  it('are made, read, listed and ended, and each leaves an entry in the audit trail', async () => {
    const body = silence({
      scope: { custIds: [34826], hostNames: ['ACME-FS01'] },
      eventTypes: ['backup.failed'],
    });
    const made = await http.call('POST', 'silences', { body });
    expect(made.status).toBe(201);
    expect(made.body).toEqual({
      id: expect.any(String), ...body, startsAt: at(0), state: 'active', activeUntil: at(6), createdBy: 'key:test', createdAt: at(0),
      etag: made.headers['etag'],
    }); // prettier-ignore
    const path = `silences/${String(made.body['id'])}`;
    expect(made.headers['location']).toBe(`/api/v1/${path}`);
    expect((await http.call('GET', path)).body).toEqual(made.body);
    expect((await http.call('GET', 'silences?total=true')).body).toEqual({ items: [made.body], nextCursor: null, total: 1 }); // prettier-ignore
    expect((await http.call('GET', 'maintenance-windows')).body.items).toEqual([]);
    expect((await http.call('DELETE', path)).status).toBe(428);
    expect((await http.call('DELETE', path, { headers: { 'if-match': '"old"' } })).status).toBe(412);
    const headers = { 'if-match': String(made.body['etag']) };
    expect((await http.call('DELETE', `maintenance-windows/${String(made.body['id'])}`, { headers })).status).toBe(404); // prettier-ignore
    expect((await http.call('DELETE', path, { headers })).status).toBe(204);
    expect((await http.call('DELETE', path, { headers })).status).toBe(404);
    const entries = await system.unitOfWork.query<{ payload: string }>(
      "SELECT payload FROM outbox WHERE topic = 'audit.entries.v1' ORDER BY xid, seq",
    );
    expect(entries.map(({ payload }) => JSON.parse(payload) as unknown)).toMatchObject([
      { action: 'silence.create', subject: 'key:test', detail: { reason: 'New disk' } },
      { action: 'silence.remove', subject: 'key:test' },
    ]);
  });

  it('say which are planned, active, idle and over', async () => {
    const stateOf = async (path: string, body: object) => {
      const made = await http.call('POST', path, { body });
      expect(made.status).toBe(201);
      return async () => (await http.call('GET', `${path}/${String(made.body['id'])}`)).body['state'];
    };
    const states = [
      await stateOf('silences', silence({ startsAt: at(1), endsAt: at(3) })),
      await stateOf('maintenance-windows', window({ endsAt: null })),
      await stateOf('maintenance-windows', { reason: 'Once', startsAt: at(2), endsAt: at(9) }),
    ];
    const all = () => Promise.all(states.map((state) => state()));
    expect(await all()).toEqual(['planned', 'active', 'planned']);
    system.clock.set(at(2));
    expect(await all()).toEqual(['active', 'active', 'active']);
    system.clock.set(at(4));
    expect(await all()).toEqual(['ended', 'idle', 'active']);
  });

  it('come in pages, newest first, and once for a repeated Idempotency-Key', async () => {
    for (const reason of ['a', 'b', 'c']) {
      system.clock.advance(1);
      const headers = { 'idempotency-key': reason };
      const twice = [0, 1].map(() => http.call('POST', 'silences', { body: silence({ reason }), headers }));
      for (const { status } of await Promise.all(twice)) expect([201, 409]).toContain(status);
    }
    const { body } = await http.call('GET', 'silences?limit=2&total=true');
    expect(body.items?.map(({ reason }) => reason)).toEqual(['c', 'b']);
    expect(body['total']).toBe(3);
    const next = await http.call('GET', `silences?limit=2&cursor=${String(body['nextCursor'])}`);
    expect(next.body.items?.map(({ reason }) => reason)).toEqual(['a']);
    expect(refusals(await http.call('GET', 'silences?cursor=x'))).toEqual(['400 /cursor']);
  });

  it.each<[string, string, object, string]>([
    ['no end', 'silences', { reason: 'x' }, '400 /endsAt'],
    ['no reason', 'silences', { endsAt: at(6) }, '400 /reason'],
    ['a blank reason', 'silences', silence({ reason: ' ' }), '400 /reason'],
    ['a time without its zone', 'silences', silence({ endsAt: '2026-11-20T06:00:00' }), '400 /endsAt'],
    ['a day that is none', 'silences', silence({ endsAt: '2026-02-30T06:00:00Z' }), '400 /endsAt'],
    ['what is no type', 'silences', silence({ eventTypes: ['backup.teleported'] }), '400 /eventTypes'],
    ['what is no number', 'silences', silence({ scope: { custIds: ['34826'] } }), '400 /scope/custIds'],
    ['an unknown field', 'silences', silence({ weekly }), '400 /weekly'],
    ['an end before its beginning', 'silences', silence({ startsAt: at(7) }), '422 /endsAt'],
    ['what is over', 'silences', silence({ startsAt: at(-9), endsAt: at(-1) }), '422 /endsAt'],
    ['more than 90 days', 'silences', silence({ endsAt: at(91 * 24) }), '422 /endsAt'],
    ['a beginning in years', 'silences', silence({ startsAt: at(9000), endsAt: at(9001) }), '422 /startsAt'],
    ['a window without an end', 'maintenance-windows', { reason: 'x' }, '422 /endsAt'],
    ['no such zone', 'maintenance-windows', window({ weekly: { ...weekly, timeZone: 'Europe/Atlantis' } }), '422 /weekly/timeZone'],
    ['an hour of no length', 'maintenance-windows', window({ weekly: { ...weekly, to: '01:00' } }), '422 /weekly/to'],
    ['no time', 'maintenance-windows', window({ weekly: { ...weekly, from: '24:00' } }), '400 /weekly/from'],
    ['no days', 'maintenance-windows', window({ weekly: { ...weekly, days: [] } }), '400 /weekly/days'],
    ['a day that is none of the week', 'maintenance-windows', window({ weekly: { ...weekly, days: ['Friday'] } }), '400 /weekly/days'],
  ])('refuse %s with a pointer', async (_what, path, body, refused) => {
    expect(refusals(await http.call('POST', path, { body }))).toContain(refused);
  }); // prettier-ignore

  it('are seen within the partner and the brand alone', async () => {
    await system.unitOfWork.query('INSERT INTO known_brand VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', ['01920000-0000-7000-8000-000000000001', BRAND, [BRAND]]); // prettier-ignore
    const made = await http.call('POST', 'silences', { body: silence(), brandId: BRAND });
    const path = `silences/${String(made.body['id'])}`;
    const seen = async (who: object) => (await http.call('GET', path, who)).status;
    expect(await Promise.all([{}, { brandId: BRAND }, { brandId: OTHER_BRAND }, { partnerId: OTHER }].map(seen))).toEqual([200, 200, 404, 404]); // prettier-ignore
    expect(await seen({ role: 'power-user', accountNo: 80202028 })).toBe(403);
  });
});

describe('while it is silent', () => {
  it('opens nothing, says why, and opens what still stands when it ends', async () => {
    await system.createRule();
    const made = await http.call('POST', 'silences', { body: silence() });
    expect(await happens()).toEqual([['skipped', 'silenced']]);
    const [decision] = await system.outbox();
    expect(decision?.payload.actions?.[0]?.message).toBe(`Silence "New disk" (${String(made.body['id'])}) until ${at(6)}.`); // prettier-ignore
    expect(await intents()).toEqual([]);
    expect(await due(5.99)).toBe(0);
    expect(await due(6)).toBe(1);
    expect(await due(7)).toBe(0);
    const [ticket] = await system.tickets();
    expect(ticket).toMatchObject({ intent: 'raise', requestId: decision?.payload.actions?.[0]?.requestId });
    await happens({ type: 'backup.completed', receivedAt: at(8) });
    expect(await intents()).toEqual(['raise', 'resolve']);
  });

  it('closes all the same, and opens nothing afterwards of what healed meanwhile', async () => {
    await system.createRule();
    await happens({ receivedAt: at(1) });
    await http.call('POST', 'silences', { body: silence() });
    expect(await happens()).toEqual([['skipped', 'silenced']]);
    await happens({ job: 'other' });
    for (const job of ['DB-1', 'other']) await happens({ type: 'backup.completed', job });
    expect(await intents()).toEqual(['raise', 'resolve']);
    expect(await due(10)).toBe(0);
  });

  it('still makes figures, and holds back good news that a rule wants as a ticket', async () => {
    await system.createRule({ action: 'sync_connectwise' });
    await system.createRule({ severities: { ok: true, warning: true, error: true } });
    await http.call('POST', 'silences', { body: silence() });
    expect((await happens({ type: 'backup.completed' })).sort()).toEqual([['pending', null], ['skipped', 'silenced']]); // prettier-ignore
    expect(await due(10)).toBe(0);
  });

  it('is over as soon as somebody ends it, on every instance', async () => {
    await system.createRule();
    const made = await http.call('POST', 'silences', { body: silence() });
    const instances = [system.instance(), system.instance()];
    for (const [index, one] of instances.entries())
      await one.handle([delivered(buildKnownEvent({ job: `job ${index}`, receivedAt: at(2) }))]);
    expect(await intents()).toEqual([]);
    const headers = { 'if-match': '*' };
    await http.call('DELETE', `silences/${String(made.body['id'])}`, { headers });
    expect(await system.dueHandler().handle()).toBe(2);
    expect(await intents()).toEqual(['raise', 'raise']);
    await instances[0]?.handle([delivered(buildKnownEvent({ job: 'job 9', receivedAt: at(2) }))]);
    expect(await intents()).toHaveLength(3);
  });

  it('is each week by the clock on the wall, and goes by when the event was received', async () => {
    await system.createRule();
    await http.call('POST', 'maintenance-windows', { body: window() });
    // Friday, 20 November: in Berlin it is 01:00 at midnight UTC.
    expect(await happens({ receivedAt: at(2.99), job: 'a' })).toEqual([['skipped', 'maintenance']]);
    expect(await happens({ receivedAt: at(3), job: 'b' })).toEqual([['pending', null]]);
    expect(await due(3)).toBe(1);
    expect(await intents()).toEqual(['raise', 'raise']);
  });

  it('lets one silence follow another without a ticket in between', async () => {
    await system.createRule();
    await http.call('POST', 'silences', { body: silence() });
    await happens();
    await http.call('POST', 'silences', { body: silence({ startsAt: at(5), endsAt: at(9) }) });
    expect(await due(6)).toBe(1);
    expect(await intents()).toEqual([]);
    expect(await due(9)).toBe(1);
    expect(await intents()).toEqual(['raise']);
  });

  it('opens nothing by a rule that is gone, switched off or no longer means that place', async () => {
    const rule = await system.createRule();
    await http.call('POST', 'silences', { body: silence() });
    await happens();
    await http.call('DELETE', `notification-rules/${rule.id}`, { headers: { 'if-match': '*' } });
    expect(await due(6)).toBe(1);
    expect(await intents()).toEqual([]);
    expect(await system.unitOfWork.query('SELECT 1 FROM problem_watch')).toEqual([]);
  });
});
