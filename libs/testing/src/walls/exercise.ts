import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../eventually.js';
import { produceRaw } from '../faults/records.js';
import type { System } from '../faults/system.js';
import { repoRoot } from '../servers.js';
import { Client, type Reply } from './client.js';
import type { EchoingPsa } from './echoing-psa.js';
import type { Marks } from './marks.js';
import { totpCode } from './totp.js';

const API = '/api/v1';
const SAME_SITE = { 'sec-fetch-site': 'same-origin' };
const bearer = (text: string): Record<string, string> => ({ authorization: `Bearer ${text}` });
const basic = (name: string, password: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
});

interface Login {
  accountNo: number;
  username: string;
  password: string;
}

/** Makes every request that takes a secret or something personal, well and wrong, with marks in its fields. */
export class Exercise {
  readonly gateway: Client;
  readonly agents: Client;
  private key: Record<string, string> = {};
  private custId = 0;

  constructor(
    private readonly system: System,
    private readonly marks: Marks,
    private readonly psa: EchoingPsa,
  ) {
    this.gateway = new Client(system.fleet.url('gateway'));
    this.agents = new Client(system.fleet.url('ingestion'));
  }

  async run(): Promise<void> {
    await this.partner();
    const manager = await this.account('partner-senior-manager');
    const session = await this.logIns(manager);
    await this.impersonation(session, await this.account('partner-read-only'));
    await this.programs(await this.account('partner-api'));
    await this.connections();
    await this.agentsReport(manager.accountNo);
    await this.strangers();
    await this.poison();
  }

  /** 2xx, or an error that says what was answered. */
  private async good(...args: Parameters<Client['call']>): Promise<Reply> {
    const reply = await this.gateway.call(...args);
    if (reply.status >= 300) throw new Error(`${args[0]} ${args[1]}: ${reply.status} ${JSON.stringify(reply.body)}`); // prettier-ignore
    return reply;
  }

  private async refused(status: number, ...args: Parameters<Client['call']>): Promise<void> {
    const reply = await this.gateway.call(...args);
    if (reply.status !== status) throw new Error(`${args[0]} ${args[1]}: ${reply.status}, not ${status}`);
  }

  private async partner(): Promise<void> {
    const made = await this.system.fleet.program('accounts', 'create-partner.js', ['--name', 'Walls']);
    const { apiKey } = JSON.parse(made) as { apiKey: string };
    this.key = bearer(this.marks.shown('first API key', apiKey));
    await eventually(() => this.good('GET', `${API}/customers`, undefined, this.key), { timeoutMs: 30_000 });
    const name = `ACME ${this.marks.personal('customer name')}`;
    const { body } = await this.good('POST', `${API}/customers`, { name }, this.key);
    this.custId = Number(body['custId']);
    await this.refused(400, 'POST', `${API}/customers`, { name: { deep: this.marks.personal('name of wrong type') } }, this.key); // prettier-ignore
    await this.refused(400, 'POST', `${API}/customers`, `{"name":"${this.marks.personal('broken JSON')}`, this.key); // prettier-ignore
    await this.good('GET', `${API}/customers?q=${this.marks.personal('search word')}`, undefined, this.key);
    await this.refused(400, 'GET', `${API}/customers?password=${this.marks.secret('secret in a query')}`, undefined, this.key); // prettier-ignore
  }

  private async account(role: string): Promise<Login> {
    const { marks, custId } = this;
    const username = marks.personal('username');
    const password = `${marks.secret('password')} is long enough`;
    const about = { hostName: marks.personal('host of an account'), contact: `${marks.personal('contact')}@example.com` }; // prettier-ignore
    const headers = { ...this.key, 'idempotency-key': marks.personal('idempotency key') };
    const wanted = { custId, username, password, role, ...about };
    const { body } = await this.good('POST', `${API}/accounts`, wanted, headers);
    await this.refused(409, 'POST', `${API}/accounts`, { ...wanted, password: `${marks.secret('password of a taken name')} is long` }, this.key); // prettier-ignore
    await this.refused(422, 'POST', `${API}/accounts`, { custId, username: 'jo', password: marks.secret('short one').slice(0, 14) }, this.key); // prettier-ignore
    return { accountNo: Number(body['accountNo']), username, password };
  }

  /** Wrong and right logins, step-up, a second factor; answers the headers of a session. */
  private async logIns({ username, password }: Login): Promise<Record<string, string>> {
    const { marks } = this;
    const browser = { ...SAME_SITE, 'user-agent': `Browser ${marks.personal('user agent')}` };
    const logIn = `${API}/session`;
    const wrong = { username, password: marks.secret('wrong password'), code: marks.secret('wrong code') };
    await this.refused(401, 'POST', logIn, wrong, browser);
    await this.refused(401, 'POST', logIn, { ...wrong, username: marks.personal('unknown username') }, browser); // prettier-ignore
    await this.refused(400, 'POST', logIn, { username, password: [marks.secret('password of wrong type')] }, browser); // prettier-ignore
    const cookieOf = ({ cookie }: Reply): Record<string, string> => {
      marks.shown('session', cookie?.replace('__Host-sid=', ''));
      return { ...browser, cookie: String(cookie) };
    };
    const session = cookieOf(await this.good('POST', logIn, { username, password }, browser));
    await this.refused(403, 'POST', `${API}/session/step-up`, { password: marks.secret('wrong step-up') }, session); // prettier-ignore
    const enrolled = await this.good('POST', `${API}/me/mfa`, undefined, session);
    const secret = marks.shown('authenticator secret', enrolled.body['secret']);
    await this.refused(422, 'POST', `${API}/me/mfa/confirm`, { code: '12345x' }, session);
    const code = totpCode(secret, new Date());
    const confirmed = await this.good('POST', `${API}/me/mfa/confirm`, { code }, session);
    cookieOf(confirmed);
    const codes = confirmed.body['recoveryCodes'] as string[];
    for (const each of codes) marks.shown('recovery code', each);
    const again = cookieOf(await this.good('POST', logIn, { username, password, code: codes[0] }, browser));
    await this.refused(401, 'POST', logIn, { username, password, code: codes[0] }, browser);
    await this.good('GET', `${API}/sessions`, undefined, again);
    await this.good('GET', `${API}/accounts?limit=200`, undefined, again);
    return again;
  }

  private async impersonation(session: Record<string, string>, { accountNo }: Login): Promise<void> {
    const { marks } = this;
    const { body } = await this.good('POST', `${API}/accounts/${accountNo}/password`, { randomPassword: true }, session); // prettier-ignore
    marks.shown('random password', body['password']);
    const reason = `Ticket of ${marks.personal('reason of an impersonation')}`;
    await this.good('POST', `${API}/impersonation`, { accountNo, reason }, session);
    await this.refused(403, 'POST', `${API}/accounts/${accountNo}/password`, { password: `${marks.secret('password while impersonating')} long` }, session); // prettier-ignore
    await this.good('DELETE', `${API}/impersonation`, undefined, session);
    await this.good('GET', `${API}/audit?limit=200`, undefined, session);
  }

  private async programs({ username, password }: Login): Promise<void> {
    const { marks } = this;
    const { body: made } = await this.good('POST', `${API}/api-keys`, { name: 'Program' }, this.key);
    const key = marks.shown('API key', made['key']);
    await eventually(() => this.good('GET', `${API}/brands`, undefined, bearer(key)));
    await this.refused(401, 'GET', `${API}/brands`, undefined, bearer(`${key.slice(0, -12)}${marks.secret('wrong key')}`)); // prettier-ignore
    await this.good('DELETE', `${API}/api-keys/${String(made['id'])}`, undefined, this.key);
    await eventually(() => this.refused(401, 'GET', `${API}/brands`, undefined, bearer(key)));
    await this.good('GET', `${API}/me`, undefined, basic(username, password));
    await this.refused(401, 'GET', `${API}/me`, undefined, basic(username, marks.secret('wrong Basic password'))); // prettier-ignore
    const { body } = await this.good('POST', `${API}/tokens`, undefined, basic(username, password));
    const token = marks.shown('token', body['token'] ?? body['accessToken']);
    await this.good('GET', `${API}/me`, undefined, bearer(token));
    await this.refused(401, 'GET', `${API}/me`, undefined, bearer(`bkt_${marks.secret('wrong token')}${'x'.repeat(20)}`)); // prettier-ignore
    await this.forms();
  }

  /** What programs of MyClient send comes in a form, its token too. */
  private async forms(): Promise<void> {
    const { marks } = this;
    const path = `${API}/access-tokens`;
    const { body: made } = await this.good('POST', path, { name: 'MyClient', kind: 'api_methods' }, this.key);
    const token = marks.shown('access token', made['token']);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const ask = (auth: string, rest: string) => ['POST', '/API/external', `auth=${auth}&${rest}`, form] as const; // prettier-ignore
    await eventually(() => this.good(...ask(token, 'action=ping')));
    await this.refused(401, ...ask(`${token.slice(0, -12)}${marks.secret('wrong access token')}`, 'action=ping')); // prettier-ignore
    await this.refused(404, ...ask(token, `action=event-username&api=x&loginname=${marks.personal('login name in a form')}`)); // prettier-ignore
    await this.refused(400, ...ask(token, `${marks.personal('unknown action')}=1`));
    await this.refused(404, ...ask(token, 'action=event&api=nightly'));
    const actions = [{ kind: 'email', to: ['nightly@desk.example'] }];
    const handler = { name: 'Nightly', source: { kind: 'web_request', api: 'nightly' }, actions };
    const { body: nightly } = await this.good('POST', `${API}/event-handlers`, handler, this.key);
    await this.good(...ask(token, 'action=event&api=nightly'));
    const runs = `${API}/event-handlers/${String(nightly['id'])}/runs`;
    await eventually(
      async () => (await this.good('GET', runs, undefined, this.key)).body.items?.length === 1,
    );
    await this.good('DELETE', `${path}/${String(made['id'])}`, undefined, this.key);
  }

  /** Links to a PSA that repeats all it is sent. */
  private async connections(): Promise<void> {
    const { marks, gateway, key } = this;
    const url = `http://127.0.0.1:${this.psa.port}`;
    const connectwise = { siteUrl: url, companyId: 'walls', publicKey: `${marks.personal('ConnectWise public key')}abcd`, privateKey: marks.secret('ConnectWise private key'), solutionName: 'Backhaul' }; // prettier-ignore
    const autotask = { username: 'api@walls.example', password: marks.secret('Autotask password'), trackingIdentifier: marks.secret('Autotask tracking identifier'), apiUrl: url }; // prettier-ignore
    const on = { enabled: true, ticketing: {}, statistics: { enabled: false }, billing: {} };
    for (const [provider, form] of Object.entries({ connectwise, autotask })) {
      const path = `${API}/psa/${provider}`;
      const put = await gateway.put(`${path}/connection`, form, key);
      if (put.status !== 200) throw new Error(JSON.stringify(put.body));
      await gateway.put(`${path}/settings`, on, key);
      const test = await this.good('POST', `${path}/connection/test`, undefined, key);
      if (test.body['isOk'] !== false) throw new Error('A PSA that refuses was found to be well');
      // Known to ticketing soon; whatever the PSA says, it is not repeated.
      await eventually(async () => (await gateway.call('POST', `${path}/lookups/companies`, undefined, key)).status !== 409); // prettier-ignore
      await this.good('GET', `${path}/diagnostics`, undefined, key);
      await gateway.put(`${path}/connection`, { ...form, extra: marks.secret('unknown field') }, key);
      await gateway.call('PUT', `${path}/connection`, `{"password":"${marks.secret('broken JSON of a link')}`, { ...key, 'if-match': '*' }); // prettier-ignore
    }
    await this.good('GET', `${API}/psa/connectwise/connection`, undefined, key);
  }

  /** A rule that tells somebody who is not there. */
  private async callsWebhook(): Promise<void> {
    const severities = { ok: false, warning: true, error: true };
    const webhook = { url: 'https://hooks.example/walls' };
    const rule = { name: 'Told', action: 'webhook', severities, allEventTypes: true, webhook };
    const { body } = await this.good('POST', `${API}/notification-rules`, rule, this.key);
    this.marks.shown('webhook secret', (body['webhook'] as { secret?: string }).secret);
    const to = [`${this.marks.personal('address of an event handler')}@desk.example`];
    const actions = [
      { kind: 'email', to },
      { kind: 'webhook', ...webhook },
    ];
    const handler = { name: 'Told as well', source: { kind: 'event' }, actions };
    const made = await this.good('POST', `${API}/event-handlers`, handler, this.key);
    this.marks.shown('event handler secret', made.body['secret']);
  }

  /** A failure whose ticket no PSA takes, and reports that nobody can read. */
  private async agentsReport(accountNo: number): Promise<void> {
    const { marks, agents, key, custId } = this;
    const map = await eventually(async () => {
      const { body } = await this.good('GET', `${API}/psa/connectwise/customer-map?limit=200`, undefined, key); // prettier-ignore
      return body.items?.find((item) => item['custId'] === custId) ?? false;
    });
    await this.good('PATCH', `${API}/psa/connectwise/customer-map/${custId}`, { psaCompanyId: '250' }, { ...key, 'if-match': String(map['etag']) }); // prettier-ignore
    await this.good('POST', `${API}/notification-rules`, { name: 'Failures', action: 'open_connectwise_ticket', severities: { ok: false, warning: true, error: true }, allEventTypes: true, eventTypes: [], scope: {}, enabled: true }, key); // prettier-ignore
    await this.callsWebhook();
    const made = await eventually(() => this.good('POST', `${API}/endpoints`, { agent: 'duplicati', accountNo, name: 'Walls' }, key)); // prettier-ignore
    const endpoint = marks.shown('endpoint key', made.body['key']);
    const report = readFileSync(join(repoRoot, 'docs/examples/duplicati-failure.json'), 'utf8')
      .replace(/((?:Begin|End)Time": ")[^"]*/g, `$1${new Date().toISOString()}`)
      .replace(/("machine-name": ")[^"]*/g, `$1${marks.personal('host in a report')}`);
    const path = `/ingest/duplicati/${endpoint}`;
    const before = this.psa.heard.length;
    const { status, body } = await agents.call('POST', path, report);
    if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`);
    await this.brokenStore(() => agents.call('POST', path, report.replace('DB-2', 'DB-3')));
    await agents.call('POST', path, `{"host": "${marks.personal('unreadable report')}`);
    await agents.call('POST', `/ingest/duplicati/bke_${marks.secret('wrong endpoint key')}`, report);
    await agents.call('POST', '/v1/events', { hostName: marks.personal('canonical of wrong shape') }, bearer(endpoint)); // prettier-ignore
    await agents.call('POST', '/v1/events', {}, bearer(marks.secret('wrong key of a program')));
    await this.good('GET', `${API}/events?limit=200`, undefined, key);
    await eventually(() => this.psa.heard.length > before, { timeoutMs: 60_000 });
    const events = await this.good('GET', `${API}/events?accountNo=${accountNo}`, undefined, key);
    if (events.body.items?.length !== 2)
      throw new Error('Not two events: a failure and what nobody can read');
    await this.good('GET', `${API}/lanes`, undefined, key);
    const { body: incidents } = await this.good('GET', `${API}/incidents`, undefined, key);
    await this.good('GET', `${API}/incidents/${String(incidents.items?.[0]?.['id'])}`, undefined, key);
  }

  /** Errors are logged with the address that met them, and an agent's key stands in its address. */
  private async brokenStore(ask: () => Promise<Reply>): Promise<void> {
    const { stores } = this.system;
    await stores.query('ingestion', 'ALTER TABLE event RENAME TO event_away');
    try {
      const { status } = await ask();
      if (status < 500) throw new Error(`A report that cannot be stored is answered ${status}`);
    } finally {
      await stores.query('ingestion', 'ALTER TABLE event_away RENAME TO event');
    }
  }

  /** Who has no credential sends things where they do not belong. */
  private async strangers(): Promise<void> {
    const { marks } = this;
    const made = {
      cookie: `__Host-sid=${`${marks.secret('made-up session')}x`.padEnd(43, 'x').slice(0, 43)}`,
      'x-backhaul-principal': marks.secret('made-up principal'),
      'x-api-key': marks.secret('key in another header'),
      'x-forwarded-for': '203.0.113.99',
      'user-agent': marks.personal('user agent'),
    };
    await this.refused(401, 'GET', `${API}/customers`, undefined, { ...SAME_SITE, ...made });
    await this.refused(404, 'GET', `${API}/nothing-here`, undefined, this.key);
    for (const client of [this.gateway, this.agents])
      await client.call('POST', `/${marks.secret('secret in an unknown path')}`, undefined, made);
  }

  private async poison(): Promise<void> {
    const value = `${this.marks.personal('bytes of a poison record')} is no JSON`;
    const id = '01920000-0000-7000-8000-00000000dead';
    const headers = { id, 'occurred-at': new Date().toISOString(), 'partner-id': id };
    await produceRaw(this.system, 'backup.events.v1', [{ key: '1', value, headers }]);
  }
}
