import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type BrandId, type PartnerId, Secret, systemClock, uuidv7 } from '@backhaul/domain';
import { eventually } from '@backhaul/testing';
import { Logger } from '@nestjs/common';
import { ACCOUNT, BRAND, buildKnownEvent, CUSTOMER, type EventIn, PARTNER } from '../testing/builders.js';
import { type Call, refusals, TestHttp } from '../testing/http.js';
import { MailSystem } from '../testing/mail-system.js';
import { TestReceiver } from '../testing/receiver.js';
import { delivered, HANDLER, type TestSystem, TOKEN_KEY } from '../testing/system.js';
import { WebhookParts } from '../webhooks/webhook-parts.js';
import { signedHeaders } from '../webhooks/webhook-signature.js';
import { MOST_HANDLERS } from './change-event-handlers.handler.js';
import { HandlerRunRepository } from './handler-run.repository.js';

jest.setTimeout(60_000);
Logger.overrideLogger(false);
const WAIT = { timeoutMs: 30_000 };
const PATH = 'event-handlers';
const OTHER = '01920000-0000-7000-8000-000000000002' as PartnerId;
const OTHER_BRAND = '01920000-0000-7000-8000-0000000000b9' as BrandId;
const DESK = 'desk@msp.example';
const EVERY = HANDLER.source;

let mail: MailSystem;
let system: TestSystem;
let http: TestHttp;
let receiver: TestReceiver;
const workers: WebhookParts[] = [];
beforeAll(async () => {
  [mail, receiver] = await Promise.all([MailSystem.start(), TestReceiver.start()]);
  ({ system } = mail);
  http = await TestHttp.start(system);
  for (const brandId of [BRAND, OTHER_BRAND])
    await system.unitOfWork.query('INSERT INTO known_brand VALUES ($1, $2, $3)', [
      PARTNER,
      brandId,
      [brandId],
    ]);
});
afterAll(async () => {
  await http.close();
  await mail.close();
  receiver.close();
});
beforeEach(async () => {
  await mail.empty();
  receiver.rest();
  system.clock.set(new Date().toISOString());
});
afterEach(async () => {
  await mail.rest();
  for (const parts of workers.splice(0)) await parts.stop();
});

async function call(): Promise<void> {
  const settings = { databaseUrl: system.database.url, egressAllow: '127.0.0.0/8', timeoutS: 5, serviceTokenKey: TOKEN_KEY }; // prettier-ignore
  const parts = new WebhookParts(settings);
  await parts.queue.start();
  workers.push(parts);
  await parts.work(system.unitOfWork, systemClock);
}
const email = { kind: 'email', to: [DESK] };
const webhook = () => ({ kind: 'webhook', url: receiver.url });
const body = (over: object = {}) => ({
  name: 'Tell the desk', enabled: true, source: { kind: 'event', eventTypes: [], severities: [] }, condition: { all: [] }, actions: [email], scope: {}, ...over,
}); // prettier-ignore
async function create(over: object = {}, who: Call = {}) {
  const made = await http.call('POST', PATH, { ...who, body: body(over) });
  expect([made.status, made.body]).toEqual([201, expect.anything()]);
  return { id: String(made.body['id']), path: `${PATH}/${String(made.body['id'])}`, ...made };
}
const build = (over: EventIn = {}) => buildKnownEvent({ receivedAt: new Date().toISOString(), ...over });
async function happens(over: EventIn = {}, isLate = false) {
  const event = build(over);
  await system.instance().handle([delivered(event, isLate)]);
  return event;
}
const runs = async (id: string, query = '') => (await http.call('GET', `${PATH}/${id}/runs${query}`)).body;
const states = async (id: string) =>
  ((await runs(id)).items ?? []).map(({ state, actions }) => [state, (actions as { reason: string | null }[]).map(({ reason }) => reason)]); // prettier-ignore
const become = (id: string, expected: unknown) => eventually(async () => expect(await states(id)).toEqual(expected), WAIT); // prettier-ignore
const request = (asked: object, who: Call = {}) =>
  http.call('POST', 'web-requests', { role: 'partner-api', base: '/event-handlers/', ...who, body: asked });
const audited = async () =>
  (await system.unitOfWork.query<{ payload: string }>("SELECT payload FROM outbox WHERE topic = 'audit.entries.v1' ORDER BY xid, seq"))
    .map(({ payload }) => JSON.parse(payload) as Record<string, unknown>); // prettier-ignore

describe('event handlers over REST (F35)', () => {
  it('are made, read, listed, changed and removed, and each change leaves an entry that names no address', async () => {
    const source = { kind: 'event', eventTypes: ['backup.failed'], severities: ['ERROR'] };
    const condition = { all: [{ field: 'message', operator: 'like', term: 'disk*' }] };
    const given = { source, condition, scope: { custIds: [CUSTOMER] } };
    const made = await create(given);
    const at = system.clock.now().toISOString();
    expect(made.body).toEqual({ id: made.id, ...body(given), createdAt: at, updatedAt: at });
    expect(made.headers['location']).toBe(`/api/v1/${made.path}`);
    const etag = String(made.headers['etag']);
    expect((await http.call('GET', made.path)).headers['etag']).toBe(etag);
    expect((await http.call('GET', `${PATH}?total=true`)).body).toEqual({ items: [made.body], nextCursor: null, total: 1 }); // prettier-ignore
    expect((await http.call('PUT', made.path, { body: body() })).status).toBe(428);
    expect(
      (await http.call('PUT', made.path, { body: body(), headers: { 'if-match': '"old"' } })).status,
    ).toBe(412);
    const changed = await http.call('PUT', made.path, { body: body({ enabled: false }), headers: { 'if-match': etag } }); // prettier-ignore
    expect([changed.status, changed.body['enabled']]).toEqual([200, false]);
    expect((await http.call('DELETE', made.path, { headers: { 'if-match': etag } })).status).toBe(412);
    expect((await http.call('DELETE', made.path, { headers: { 'if-match': String(changed.headers['etag']) } })).status).toBe(204); // prettier-ignore
    expect((await http.call('GET', made.path)).status).toBe(404);
    const entries = await audited();
    expect(entries.map(({ action, targetId }) => [action, targetId])).toEqual(
      ['create', 'change', 'remove'].map((verb) => [`event-handler.${verb}`, made.id]),
    );
    expect(JSON.stringify(entries)).not.toContain(DESK);
  });

  it('come in pages, once for a repeated Idempotency-Key, and no more than there may be', async () => {
    const headers = { 'idempotency-key': 'once' };
    const [first, repeat] = [await create({ actions: [webhook()] }, { headers }), await create({ actions: [webhook()] }, { headers })]; // prettier-ignore
    expect(repeat.body).toEqual(first.body);
    expect(first.body['secret']).toMatch(/^whsec_/);
    expect(JSON.stringify((await http.call('GET', PATH)).body)).not.toContain('whsec_');
    system.clock.advance(1);
    await create({ name: 'second' });
    const page = await http.call('GET', `${PATH}?limit=1&sort=-createdAt`);
    expect(page.body.items?.map(({ name }) => name)).toEqual(['second']);
    const next = await http.call('GET', `${PATH}?limit=1&sort=-createdAt&cursor=${String(page.body['nextCursor'])}`); // prettier-ignore
    expect(next.body.items?.map(({ id }) => id)).toEqual([first.id]);
    await system.unitOfWork.query(
      `INSERT INTO event_handlers SELECT gen_random_uuid(), partner_id, owner_brand_id, name, enabled, api, event_types, severities,
         conditions, actions, brand_ids, cust_ids, account_nos, version, created_at, updated_at
       FROM event_handlers, generate_series(1, $2) WHERE handler_id = $1`,
      [first.id, MOST_HANDLERS - 2],
    );
    expect((await http.call('POST', PATH, { body: body() })).status).toBe(422);
  });

  const like = (term: string) => ({ condition: { all: [{ field: 'message', operator: 'like', term }] } });
  const one = (over: object) => ({
    condition: { all: [{ field: 'message', operator: 'like', term: 'x', ...over }] },
  });
  const WRONG: [string, object, string][] = [
    ['no name', { name: undefined }, '400 /name'],
    ['no source', { source: undefined }, '400 /source'],
    ['what is no source', { source: { kind: 'moon' } }, '400 /source/kind'],
    ['what is no type', { source: { kind: 'event', eventTypes: ['backup.teleported'] } }, '400 /source/eventTypes'],
    ['what the product says of itself', { source: { kind: 'event', eventTypes: ['psa.ticket.opened'] } }, '400 /source/eventTypes'],
    ['a web request without a name (C18)', { source: { kind: 'web_request' } }, '400 /source/api'],
    ['a name that ends with a space', { source: { kind: 'web_request', api: 'a b ' } }, '400 /source/api'],
    ['an event with a name', { source: { kind: 'event', api: 'x' } }, '400 /source/api'],
    ['a web request with types', { source: { kind: 'web_request', api: 'x', eventTypes: ['backup.failed'] } }, '400 /source/eventTypes'],
    ['an unknown field', one({ field: 'notificationProcessedErrors' }), '400 /condition/all/0/field'],
    ['an unknown operator', one({ operator: 'matches' }), '400 /condition/all/0/operator'],
    ['10 000 asterisks (F22)', like('*'.repeat(10_000)), '400 /condition/all/0/term'],
    ['a term that is an object', one({ term: {} }), '400 /condition/all/0/term'],
    ['a word as a number', one({ field: 'custId', operator: 'equals' }), '400 /condition/all/0/term'],
    ['a text before a text', one({ operator: 'before' }), '422 /condition/all/0/operator'],
    ['terms that are too long together', { condition: { all: Array.from({ length: 3 }, () => ({ field: 'job', operator: 'like', term: 'x'.repeat(700) })) } }, '422 /condition/all'],
    ['no action', { actions: [] }, '400 /actions'],
    ['an action that nobody knows', { actions: [{ kind: 'sms', to: ['1'] }] }, '400 /actions/0/kind'],
    ['a mail to nobody', { actions: [{ kind: 'email' }] }, '400 /actions/0/to'],
    ['what ends a header line', { actions: [{ kind: 'email', to: [DESK, 'a@b.example\r\nBcc: c@d.example'] }] }, '400 /actions/0/to/1'],
    ['a mail with an address to call', { actions: [{ ...email, url: 'https://hooks.example/x' }] }, '400 /actions/0/url'],
    ['a call of nobody', { actions: [{ kind: 'webhook' }] }, '400 /actions/0/url'],
    ['a call of this machine', { actions: [email, { kind: 'webhook', url: 'https://localhost/x' }] }, '422 /actions/1/url'],
    ['one address called twice', { actions: [0, 1].map(() => ({ kind: 'webhook', url: 'https://hooks.example/x' })) }, '422 /actions/1/url'],
    ['a secret that is too short', { secret: 'whsec_abcd' }, '400 /secret'],
    ['a property that nobody knows', { when: 'now' }, '400 /when'],
  ]; // prettier-ignore
  it('refuse what is wrong, with a pointer to it', async () => {
    for (const [what, over, refused] of WRONG) {
      const answer = await http.call('POST', PATH, { body: body(over) });
      expect([what, refusals(answer)]).toEqual([what, expect.arrayContaining([refused])]);
    }
    expect((await http.call('GET', PATH)).body.items).toEqual([]);
  });

  it('are seen within the partner and the brand alone, with what they did', async () => {
    const { path } = await create({}, { brandId: BRAND });
    for (const what of [path, `${path}/runs`]) {
      const seen = async (who: Call) => (await http.call('GET', what, who)).status;
      expect(await Promise.all([{}, { brandId: BRAND }, { brandId: OTHER_BRAND }, { partnerId: OTHER }].map(seen))).toEqual([200, 200, 404, 404]); // prettier-ignore
    }
    expect(refusals(await http.call('GET', `${path}/runs?cursor=x`))).toEqual(['400 /cursor']);
  });
});

describe('an event', () => {
  it('runs a handler once: mails go, webhooks are called, and the run says what came of them', async () => {
    await mail.account('jo@acme.example');
    const { id, body: made } = await create({ actions: [{ kind: 'email', to: [DESK, 'Second@msp.example'] }, webhook()] }); // prettier-ignore
    const event = build({ message: 'Disk full', severity: 'ERROR' });
    const twice = [delivered(event), delivered(event)];
    await Promise.all([system.instance().handle(twice), system.instance().handle(twice)]);
    await system.unitOfWork.query('TRUNCATE inbox');
    await system.instance().handle(twice);
    const [pending] = (await runs(id)).items ?? [];
    expect(pending).toMatchObject({ handlerId: id, eventId: event.eventId, requestId: null, accountNo: ACCOUNT, state: 'pending' }); // prettier-ignore
    await Promise.all([mail.work(), mail.work(), call(), call()]);
    await become(id, [['done', ['sent', 'delivered']]]);
    const [run] = (await runs(id)).items ?? [];
    expect(run?.['actions']).toMatchObject([
      { kind: 'email', state: 'done', message: 'Sent to 2 addresses.', at: expect.any(String) },
      { kind: 'webhook', state: 'done', message: 'The receiver answered 204.' },
    ]);
    expect(await mail.states()).toEqual(expect.arrayContaining([`${DESK} sent`, 'Second@msp.example sent']));
    const [sent] = mail.smtp.to(DESK);
    expect(sent?.text).toMatch(/Sent by the event handler Tell the desk/);
    expect([mail.smtp.to(DESK).length, receiver.calls.length]).toEqual([1, 1]);
    const told = JSON.parse(receiver.calls[0]?.body ?? '') as object;
    expect(told).toMatchObject({ type: 'backup.failed', data: { handlerId: id, handlerName: 'Tell the desk', custId: CUSTOMER, message: 'Disk full' } }); // prettier-ignore
    const { 'webhook-id': hookId, 'webhook-timestamp': timestamp, 'webhook-signature': signature } = receiver.calls[0]?.headers ?? {}; // prettier-ignore
    const signed = { id: String(hookId), timestamp: Number(timestamp), body: receiver.calls[0]?.body ?? '' };
    expect(signature).toBe(signedHeaders(signed, [new Secret(String(made['secret']))])['webhook-signature']);
    const log = await http.call('GET', `webhook-deliveries?handlerId=${id}`);
    expect(log.body.items).toMatchObject([{ id: hookId, ruleId: null, handlerId: id, ruleName: 'Tell the desk', eventId: event.eventId, requestId: null, state: 'delivered' }]); // prettier-ignore
  });

  it('runs what its source, condition, place and time let run, and nothing else', async () => {
    const condition = (field: string, operator: string, term: string | number) => ({ condition: { all: [{ field, operator, term }] } }); // prettier-ignore
    const [expected, others]: [string[], string[]] = [[], []];
    const runsOn = async (over: object, who: Call = {}) => expected.push((await create(over, who)).id);
    const never = async (over: object, who: Call = {}) => others.push((await create(over, who)).id);
    await runsOn({});
    await runsOn({ source: { kind: 'event', eventTypes: ['backup.failed'], severities: ['ERROR'] } });
    await runsOn({ scope: { brandIds: [BRAND] } });
    await runsOn({ scope: { custIds: [CUSTOMER], accountNos: [ACCOUNT] } });
    await runsOn({}, { brandId: BRAND });
    await runsOn(condition('message', 'like', 'd?sk*'));
    await runsOn(condition('accountNo', 'equals', ACCOUNT));
    await runsOn(condition('receivedAt', 'after', '2020-01-01'));
    await never({ enabled: false });
    await never({ source: { kind: 'event', severities: ['OK'] } });
    await never({ source: { kind: 'event', eventTypes: ['backup.missed'] } });
    await never({ source: { kind: 'web_request', api: 'nightly' } });
    await never({ scope: { brandIds: [OTHER_BRAND] } });
    await never({ scope: { accountNos: [1] } });
    await never({}, { brandId: OTHER_BRAND });
    await never({ scope: { custIds: [CUSTOMER] } }, { brandId: OTHER_BRAND });
    await never(condition('message', 'like', 'disk'));
    await never(condition('job', 'notEquals', 'acme FILES'));
    const { id: foreign } = await create({}, { partnerId: OTHER });
    system.clock.advance(60_000);
    others.push((await create({})).id);
    const event = await happens({ severity: 'ERROR' });
    await happens({ phase: 'progress' });
    for (const id of expected) expect([id, (await runs(id)).items?.map(({ eventId }) => eventId)]).toEqual([id, [event.eventId]]); // prettier-ignore
    for (const id of others) expect([id, (await runs(id)).items]).toEqual([id, []]);
    expect((await http.call('GET', `${PATH}/${foreign}/runs`, { partnerId: OTHER })).body.items).toEqual([]);
  });

  it('that comes late or while it is silent does nothing and says so; reprocessed it runs the handlers of now', async () => {
    const late = await system.createHandler();
    await happens({}, true);
    expect(await states(late.id)).toEqual([['skipped', ['late']]]);
    const endsAt = new Date(Date.now() + 3_600_000).toISOString();
    await http.call('POST', 'silences', { body: { endsAt, reason: 'Quiet' } });
    await happens();
    await happens({ type: 'backup.completed' });
    expect(await states(late.id)).toEqual([['pending', [null]], ['skipped', ['silenced']], ['skipped', ['late']]]); // prettier-ignore
    await system.empty();
    const event = await happens();
    system.clock.advance(60_000);
    const later = await system.createHandler({ source: EVERY });
    for (const operationId of [uuidv7(Date.now()), uuidv7(Date.now())]) {
      const again = delivered(event, false, operationId);
      await system.instance().handle([again]);
      await system.instance().handle([again]);
    }
    expect((await runs(later.id)).items?.map(({ eventId }) => eventId)).toEqual([
      event.eventId,
      event.eventId,
    ]);
    await mail.work();
    await become(later.id, [['done', ['sent']], ['done', ['sent']]]); // prettier-ignore
    expect(mail.smtp.to(DESK)).toHaveLength(2);
  });

  it('runs fifty, hostile and broken ones among them: none keeps another, a rule or the batch from its work', async () => {
    await system.createRule();
    const hostile = ['*a', '*?'].map((part) => `${part.repeat(490)}*b`);
    for (let made = 0; made < 48; made += 1) {
      const term = made % 4 === 0 ? (hostile[made % 8 === 0 ? 0 : 1] ?? '') : 'a*';
      const conditions = [0, 1].map(() => ({ field: 'message', operator: 'like', term }) as const);
      await system.createHandler({ name: `handler ${made}`, conditions });
    }
    const broken = [await system.createHandler(), await system.createHandler()];
    for (const [place, conditions] of ['null', '[{"field":"message","operator":"like"}]'].entries())
      await system.unitOfWork.query('UPDATE event_handlers SET conditions = $2::jsonb WHERE handler_id = $1', [broken[place]?.id, conditions]); // prettier-ignore
    const from = performance.now();
    await happens({ message: 'a'.repeat(8000) });
    expect(performance.now() - from).toBeLessThan(5000);
    for (const { id } of broken) expect(await states(id)).toEqual([['failed', ['handler_failed']]]);
    const [counted] = await system.unitOfWork.query('SELECT count(*)::int AS runs, count(DISTINCT handler_id)::int AS handlers FROM event_handler_run'); // prettier-ignore
    // Twelve are hostile, and their conditions do not hold.
    expect(counted).toEqual({ runs: 38, handlers: 38 });
    expect(await system.tickets()).toHaveLength(1);
    expect(await mail.states()).toEqual(Array.from({ length: 36 }, () => `${DESK} pending`));
  });

  it('whose handling fails before the commit leaves no run, no mail and no call', async () => {
    const { id } = await system.createHandler({ actions: [...HANDLER.actions, { kind: 'webhook', url: receiver.url, disabledReason: null }] }); // prettier-ignore
    await Promise.all([mail.work(), call()]);
    const instance = system.instance();
    const event = build();
    const failing = jest
      .spyOn(system.webhookQueue, 'add')
      .mockRejectedValueOnce(new Error('connection lost'));
    await expect(instance.handle([delivered(event)])).rejects.toThrow('connection lost');
    failing.mockRestore();
    expect([(await runs(id)).items, await mail.mails()]).toEqual([[], []]);
    await instance.handle([delivered(event)]);
    await become(id, [['done', ['sent', 'delivered']]]);
    expect([mail.smtp.to(DESK).length, receiver.calls.length]).toEqual([1, 1]);
  });
});

describe('what a handler asks for', () => {
  it('fails where every address refuses it; no account’s people read which', async () => {
    await mail.account('jo@acme.example');
    mail.smtp.refuseRecipient = (address) => (address === DESK ? { code: 550, text: 'No such user' } : null);
    const alone = await system.createHandler();
    const both = await system.createHandler({
      actions: [{ kind: 'email', to: [DESK, 'second@msp.example'] }],
    });
    await mail.work();
    await happens();
    await become(alone.id, [['failed', [expect.stringMatching(/bounced|suppressed/)]]]);
    await become(both.id, [['done', ['sent']]]);
    const [run] = (await runs(both.id)).items ?? [];
    expect(run?.['actions']).toMatchObject([{ message: 'Sent to 1 of 2 addresses.' }]);
    // It refused one: for a day no other is tried.
    await happens({ job: 'other' });
    await eventually(
      async () => expect((await states(alone.id))[0]).toEqual(['failed', ['suppressed']]),
      WAIT,
    );
    const options = await http.call('GET', `accounts/${ACCOUNT}/notification-options`);
    expect([options.status, JSON.stringify(options.body)]).toEqual([200, expect.not.stringContaining(DESK)]);
  });

  it('stops for a receiver that is gone until the handler is saved; an address that was taken out is called no more', async () => {
    receiver.answers(410);
    const { id, path } = await create({ actions: [webhook(), email] });
    await happens();
    await call();
    await eventually(async () => expect((await states(id))[0]?.[1]).toEqual(['undelivered', null]), WAIT);
    const shown = await http.call('GET', path);
    expect(shown.body['actions']).toMatchObject([{ disabledReason: 'The receiver answered 410: it wants no more.' }, { kind: 'email' }]); // prettier-ignore
    await happens({ job: 'other' });
    expect((await states(id))[0]).toEqual(['pending', ['webhook_disabled', null]]);
    for (const parts of workers.splice(0)) await parts.stop();
    receiver.answers(204);
    const headers = { 'if-match': String(shown.headers['etag']) };
    const saved = await http.call('PUT', path, { headers, body: body({ actions: [webhook()] }) });
    expect(saved.body['actions']).toMatchObject([{ disabledReason: null }]);
    await happens({ job: 'third' });
    await http.call('PUT', path, { headers: { 'if-match': '*' }, body: body({ actions: [{ kind: 'webhook', url: `${receiver.url}&y=2` }] }) }); // prettier-ignore
    await call();
    await eventually(async () => expect((await states(id))[0]).toEqual(['failed', ['undelivered']]), WAIT);
    expect(receiver.calls).toHaveLength(1);
    const log = await http.call('GET', `webhook-deliveries?handlerId=${id}&limit=1`);
    expect(log.body.items).toMatchObject([{ reason: 'the event handler is gone or calls nobody any more' }]);
  });

  it('is signed by the secret of before as well, for a day after it was replaced', async () => {
    const { id, path, body: made } = await create({ actions: [webhook()] });
    const rotated = await http.call('POST', `${path}/rotate-secret`);
    await happens();
    await call();
    await become(id, [['done', ['delivered']]]);
    const [heard] = receiver.calls;
    const signed = { id: String(heard?.headers['webhook-id']), timestamp: Number(heard?.headers['webhook-timestamp']), body: heard?.body ?? '' }; // prettier-ignore
    const secrets = [rotated.body['secret'], made['secret']].map((secret) => new Secret(String(secret)));
    expect(heard?.headers['webhook-signature']).toBe(signedHeaders(signed, secrets)['webhook-signature']);
    const again = await http.call('POST', `webhook-deliveries/${signed.id}/resend`);
    expect([again.status, again.body['handlerId']]).toEqual([202, id]);
    await eventually(() => expect(receiver.calls).toHaveLength(2), WAIT);
    await become(id, [['done', ['delivered']]]);
    const { path: silent } = await create();
    expect((await http.call('POST', `${silent}/rotate-secret`)).status).toBe(409);
  });

  it('is listed page by page, newest first, and forgotten with its mails’ ties after 30 days', async () => {
    const { id } = await system.createHandler();
    for (const job of ['a', 'b', 'c']) await happens({ job });
    const all = (await runs(id)).items?.map((run) => run['id']);
    const first = await runs(id, '?limit=2');
    const second = await runs(id, `?limit=2&cursor=${String(first['nextCursor'])}`);
    expect([...(first.items ?? []), ...(second.items ?? [])].map((run) => run['id'])).toEqual(all);
    expect([all?.length, second['nextCursor']]).toEqual([3, null]);
    await system.unitOfWork.query("UPDATE event_handler_run SET at = now() - interval '31 days' WHERE run_id = $1", [all?.[0]]); // prettier-ignore
    await system.unitOfWork.run((tx) => new HandlerRunRepository().purge(tx, 30));
    expect((await runs(id)).items?.map((run) => run['id'])).toEqual(all?.slice(1));
    const [ties] = await system.unitOfWork.query('SELECT count(*)::int AS ties FROM event_handler_mail');
    expect(ties).toEqual({ ties: 2 });
  });
});

describe('a web request (C18, C19)', () => {
  const nightly = 'nightly & "co" ä';
  const source = { kind: 'web_request', api: nightly };
  const condition = (field: string, operator: string, term: string | number) => ({ source, condition: { all: [{ field, operator, term }] } }); // prettier-ignore

  it('runs every handler of that name once, whatever the name, and is itself on record (C51)', async () => {
    const [first, second] = [await create({ source, actions: [email, webhook()] }), await create({ source })];
    await create({ source, enabled: false });
    await create({ source: { kind: 'web_request', api: 'other' } });
    expect(await request({ api: nightly })).toMatchObject({ status: 202, body: { runs: 2 } });
    await Promise.all([mail.work(), call()]);
    await become(first.id, [['done', ['sent', 'delivered']]]);
    await become(second.id, [['done', ['sent']]]);
    const [run] = (await runs(first.id)).items ?? [];
    expect(run).toMatchObject({ eventId: null, requestId: expect.any(String), accountNo: null });
    expect(JSON.parse(receiver.calls[0]?.body ?? '')).toMatchObject({ type: 'web_request', data: { requestId: run?.['requestId'], api: nightly, handlerId: first.id, accountNo: null } }); // prettier-ignore
    expect((await http.call('GET', 'webhook-deliveries')).body.items).toMatchObject([{ eventId: null, requestId: run?.['requestId'], accountNo: null }]); // prettier-ignore
    expect((await audited()).at(-1)).toMatchObject({ action: 'event-handler.web-request', targetId: run?.['requestId'], detail: { api: nightly, accountNo: null, runs: 2 } }); // prettier-ignore
  });

  it('is refused without a name, by a name that nobody gave, and while all of that name are off', async () => {
    await create({ source, enabled: false });
    expect(refusals(await request({}))).toEqual(['400 /api']);
    expect(refusals(await request({ api: nightly, accountNo: 'x' }))).toContain('400 /accountNo');
    expect((await request({ api: 'unknown' })).status).toBe(404);
    expect((await request({ api: 'x'.repeat(101) })).status).toBe(404);
    expect((await request({ api: nightly })).status).toBe(409);
    await create({ source }, { brandId: OTHER_BRAND });
    await create({ source }, { partnerId: OTHER });
    expect((await request({ api: nightly }, { brandId: BRAND })).status).toBe(404);
    expect((await request({ api: nightly }, { brandId: OTHER_BRAND })).body).toEqual({ runs: 1 });
    expect((await request({ api: nightly }, { role: 'partner-read-only' })).status).toBe(403);
    expect(await audited()).toHaveLength(4);
  });

  it('is judged by the account that it names (C19), where that is in sight, and by nothing that only events have', async () => {
    const account = { accountNo: ACCOUNT, custId: CUSTOMER, hostName: 'ACME-FS01', brandId: BRAND };
    await mail.account('jo@acme.example', account);
    await mail.account(null, { accountNo: 7, brandId: OTHER_BRAND, partnerId: PARTNER });
    const runsOn: string[] = [];
    for (const over of [
      condition('hostName', 'like', 'acme-??01'),
      condition('custId', 'equals', CUSTOMER),
      { source, scope: { brandIds: [BRAND] } },
    ])
      // prettier-ignore
      runsOn.push((await create(over)).id);
    runsOn.push((await create({ source }, { brandId: BRAND })).id);
    for (const over of [
      condition('hostName', 'equals', 'other'),
      condition('message', 'notEquals', 'x'),
      condition('severity', 'like', '*'),
      { source, scope: { brandIds: [OTHER_BRAND] } },
    ])
      // prettier-ignore
      await create(over);
    await create({ source }, { brandId: OTHER_BRAND });
    expect((await request({ api: nightly, accountNo: ACCOUNT })).body).toEqual({ runs: 4 });
    for (const id of runsOn) expect((await runs(id)).items).toMatchObject([{ accountNo: ACCOUNT }]);
    // Without an account: neither what asks for one, nor what acts in some places alone.
    expect((await request({ api: nightly })).body).toEqual({ runs: 2 });
    expect((await request({ api: nightly, accountNo: 7 }, { brandId: BRAND })).status).toBe(404);
    expect((await request({ api: nightly, accountNo: 999 })).status).toBe(404);
  });

  it('with an Idempotency-Key runs once, however often it comes, and not at all where its commit fails', async () => {
    const { id } = await create({ source });
    const headers = { 'idempotency-key': 'tonight' };
    const failing = jest.spyOn(system.mailQueue, 'add').mockRejectedValueOnce(new Error('connection lost'));
    expect((await request({ api: nightly }, { headers })).status).toBe(500);
    failing.mockRestore();
    expect([(await runs(id)).items, await mail.mails()]).toEqual([[], []]);
    for (const _ of [1, 2]) expect(await request({ api: nightly }, { headers })).toMatchObject({ status: 202, body: { runs: 1 } }); // prettier-ignore
    expect((await runs(id)).items).toHaveLength(1);
    expect((await request({ api: 'other' }, { headers })).status).toBe(422);
  });
});
