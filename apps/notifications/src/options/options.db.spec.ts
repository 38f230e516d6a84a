import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type BrandId, type PartnerId, systemClock } from '@backhaul/domain';
import {
  createHttpApp,
  type HttpApp,
  type Identity,
  PRINCIPAL_HEADER,
  programIdentity,
  type Role,
  ROLES,
  signPrincipal,
} from '@backhaul/http';
import { createKafka, Publisher } from '@backhaul/messaging';
import { asCaller, OutboxSource, Relay } from '@backhaul/persistence';
import { createLogger } from '@backhaul/telemetry';
import { AppModule } from '../app.module.js';
import { MailRepository } from '../mail/mail.repository.js';
import { ACCOUNT, BRAND, PARTNER } from '../testing/builders.js';
import { MailSystem } from '../testing/mail-system.js';
import { OPTIONS } from './options.js';

jest.setTimeout(60_000);
const KEY = 'k'.repeat(32);
const OTHER = '01920000-0000-7000-8000-000000000002' as PartnerId;
const OTHER_BRAND = '01920000-0000-7000-8000-0000000000b2' as BrandId;
const NEIGHBOUR = 80202029;
const PATH = `accounts/${ACCOUNT}/notification-options`;

let mail: MailSystem;
let http: HttpApp;
beforeAll(async () => {
  mail = await MailSystem.start();
  const { dataSource } = mail.system.database;
  const publisher = new Publisher(createKafka({ brokers: ['127.0.0.1:1'], clientId: 'none' }));
  const relay = new Relay({ dataSource, source: new OutboxSource(dataSource), publisher });
  http = await createHttpApp(AppModule.with({ ...mail.system.parts, clock: systemClock, relay }), {
    name: 'notifications',
    host: '127.0.0.1',
    port: 0,
    managementPort: 0,
    logger: createLogger({ service: 'notifications', level: 'silent' }),
    serviceTokenKey: KEY,
    within: asCaller,
  });
});
afterAll(async () => {
  await http.app.close();
  await mail.close();
});
beforeEach(async () => {
  await mail.empty();
  await mail.system.unitOfWork.query(
    'INSERT INTO known_brand VALUES ($1, $2, ARRAY[$2::uuid]), ($1, $3, ARRAY[$3::uuid]) ON CONFLICT DO NOTHING',
    [PARTNER, BRAND, OTHER_BRAND],
  );
  await mail.account('jo@acme.example');
  await mail.account('mo@else.example', { accountNo: NEIGHBOUR, brandId: OTHER_BRAND });
});

interface Answer {
  status: number;
  etag: string;
  body: Record<string, unknown> & {
    options?: { key: string; on: boolean; onByDefault: boolean; group: string }[];
    optionsOn?: string[];
    errors?: { pointer: string; rule: string }[];
  };
}
interface Call extends Partial<Identity> {
  body?: unknown;
  ifMatch?: string;
}

async function call(
  method: 'GET' | 'PUT',
  path: string,
  { body, ifMatch, ...who }: Call = {},
): Promise<Answer> {
  const program = programIdentity({
    partnerId: PARTNER,
    role: 'partner-senior-manager',
    scopes: [],
    subject: 'key:test',
  });
  const answer = await http.fastify.inject({
    method,
    url: `/api/v1/${path}`,
    headers: {
      [PRINCIPAL_HEADER]: signPrincipal(KEY, { ...program, ...who }, 'notifications'),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(ifMatch !== undefined && { 'if-match': ifMatch }),
    },
    ...(body !== undefined && { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return {
    status: answer.statusCode,
    etag: String(answer.headers['etag']),
    body: answer.payload === '' ? {} : (JSON.parse(answer.payload) as Answer['body']),
  };
}
const put = async (options: unknown, who: Call = {}, path = PATH): Promise<Answer> =>
  call('PUT', path, { body: { options }, ifMatch: (await call('GET', path, who)).etag, ...who });
const own: Call = { role: 'power-user', accountNo: ACCOUNT, subject: `account:${ACCOUNT}` };

describe('notification options of an account over REST', () => {
  it('A12: are all there, each with on or off', async () => {
    const { status, body } = await call('GET', PATH);
    expect(status).toBe(200);
    expect(body).toMatchObject({ accountNo: ACCOUNT, proposal: null, undeliverable: [] });
    expect(body.options?.map(({ key }) => key)).toEqual(OPTIONS.map(({ key }) => key));
    for (const { on, onByDefault } of body.options ?? []) expect(on).toBe(onByDefault);
    expect(body.optionsOn).toContain('backup.failed');
  });

  it('A12: are switched one by one or as they were read, and the change is in the audit log', async () => {
    const changed = await put([
      { key: 'backup.failed', on: false },
      { key: 'backup.completed', on: true },
    ]);
    expect(changed.status).toBe(200);
    expect(changed.body.optionsOn).toContain('backup.completed');
    expect(changed.body.optionsOn).not.toContain('backup.failed');
    expect((await call('GET', PATH)).body).toEqual(changed.body);
    expect((await put(changed.body.options)).status).toBe(200);
    const entries = await mail.system.unitOfWork.query<{ payload: string }>(
      "SELECT payload FROM outbox WHERE topic = 'audit.entries.v1' ORDER BY xid, seq",
    );
    expect(JSON.parse(entries[0]?.payload ?? '')).toMatchObject({
      action: 'account.notification-options',
      subject: 'key:test',
      targetId: String(ACCOUNT),
      detail: { on: ['backup.completed'], off: ['backup.failed'] },
    });
  });

  it('A13: may all be off', async () => {
    const { body } = await put(OPTIONS.map(({ key }) => ({ key, on: false })));
    expect(body.optionsOn).toEqual([]);
  });

  it('A14: propose to switch all off for an API account, list what is on, and switch nothing themselves', async () => {
    await mail.account('jo@acme.example', { role: 'partner-api' });
    const { body } = await call('GET', PATH);
    expect(body['proposal']).toBe('switch-all-off');
    expect(body.optionsOn).toContain('backup.failed');
    const off = await put(OPTIONS.map(({ key }) => ({ key, on: false })));
    expect(off.body['proposal']).toBeNull();
  });

  it.each([
    [
      'an unknown key',
      {
        options: [
          { key: 'backup.failed', on: true },
          { key: 'backup.teleported', on: true },
        ],
      },
      '/options/1/key',
    ],
    ['what is no event of an account', { options: [{ key: 'psa.sync.failed', on: true }] }, '/options/0/key'],
    ['a name of every object', { options: [{ key: '__proto__', on: true }] }, '/options/0/key'],
    [
      'one twice',
      {
        options: [
          { key: 'backup.failed', on: true },
          { key: 'backup.failed', on: false },
        ],
      },
      '/options/1/key',
    ],
    ['no switch', { options: [{ key: 'backup.failed', on: 'yes' }] }, '/options/0/on'],
    ['no list', { options: { 'backup.failed': true } }, '/options'],
    ['nothing', {}, '/options'],
    ['a field too much', { options: [], more: 1 }, '/more'],
  ])('A12: refuse %s with 400 and a pointer', async (_what, body, pointer) => {
    const answer = await call('PUT', PATH, { body, ifMatch: '*' });
    expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([400, pointer]);
  });

  it('want an If-Match that is current', async () => {
    const body = { options: [{ key: 'backup.failed', on: false }] };
    const { etag } = await call('GET', PATH);
    expect((await call('PUT', PATH, { body })).status).toBe(428);
    expect((await call('PUT', PATH, { body, ifMatch: '"old"' })).status).toBe(412);
    const both = await Promise.all([0, 1].map(() => call('PUT', PATH, { body, ifMatch: etag })));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
  });

  it('are seen within the partner, the brand and, by an end user, the own account alone', async () => {
    const neighbour = `accounts/${NEIGHBOUR}/notification-options`;
    const seen = async (who: Call, path = PATH) => (await call('GET', path, who)).status;
    expect(await seen({ partnerId: OTHER })).toBe(404);
    expect(await seen({ brandId: BRAND })).toBe(200);
    expect(await seen({ brandId: OTHER_BRAND })).toBe(404);
    expect(await seen({ brandId: OTHER_BRAND }, neighbour)).toBe(200);
    expect(await seen(own)).toBe(200);
    expect(await seen(own, neighbour)).toBe(404);
    expect((await put([{ key: 'backup.failed', on: false }], own, neighbour)).status).toBe(404);
    expect(await seen({}, 'accounts/9007199254740991/notification-options')).toBe(404);
    expect(await seen({}, 'accounts/x/notification-options')).toBe(400);
  });

  it('are changed by who may change accounts, and by everybody for themselves', async () => {
    const may = async (role: Role, path: string): Promise<boolean> => {
      const who: Call = { role, accountNo: ACCOUNT, subject: `account:${ACCOUNT}` };
      return (await put([{ key: 'backup.failed', on: false }], who, path)).status === 200;
    };
    const changers = [];
    for (const role of ROLES) if (await may(role, PATH)) changers.push(role);
    expect(changers).toEqual([
      'partner-senior-manager', 'partner-senior-it-manager', 'partner-senior-customer-service',
      'partner-customer-service', 'power-user',
    ]); // prettier-ignore
    for (const role of ROLES.filter((one) => one !== 'platform-operator'))
      expect([role, await may(role, 'me/notification-options')]).toEqual([role, true]);
    expect((await call('GET', 'me/notification-options', own)).body['accountNo']).toBe(ACCOUNT);
    // Somebody whose role holds elsewhere has an account of their own all the same.
    expect(
      (
        await call('GET', 'me/notification-options', {
          ...own,
          role: 'partner-read-only',
          brandId: OTHER_BRAND,
        })
      ).status,
    ).toBe(200);
    expect((await call('GET', 'me/notification-options')).status).toBe(404);
  });

  it('show which address refused mail, and why', async () => {
    const mails = new MailRepository();
    const { unitOfWork } = mail.system;
    const mailId = '01920000-0000-7000-8000-0000000000aa';
    await unitOfWork.query(
      "INSERT INTO mail (mail_id, partner_id, account_no, address, template, expires_at) VALUES ($1, $2, $3, 'jo@acme.example', 'event', now())",
      [mailId, PARTNER, ACCOUNT],
    );
    await mails.end(unitOfWork, mailId, 'bounced', '550 No such user', true);
    expect((await call('GET', PATH)).body['undeliverable']).toMatchObject([
      { address: 'jo@acme.example', reason: '550 No such user' },
    ]);
  });

  it('are gone with their account', async () => {
    await put([{ key: 'backup.failed', on: false }]);
    await mail.forget(ACCOUNT);
    expect((await call('GET', PATH)).status).toBe(404);
    expect(await mail.system.unitOfWork.query('SELECT 1 FROM notification_options')).toEqual([]);
  });
});
