import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../eventually.js';
import type { System } from '../faults/system.js';
import { repoRoot } from '../servers.js';
import { Client, type Reply } from './client.js';

const API = '/api/v1';
const POLL_MS = 10;
/** What a brand's people see, and which service shows it. */
export const VIEWS = {
  customers: 'accounts',
  accounts: 'accounts',
  events: 'ingestion',
  endpoints: 'ingestion',
  'notification-rules': 'notifications',
  incidents: 'ticketing',
  lanes: 'ticketing',
} as const;
export type View = keyof typeof VIEWS;
const ALL = Object.keys(VIEWS) as View[];
export type Side = 'north' | 'south';

type Headers = Record<string, string>;
const bearer = (key: unknown): Headers => ({ authorization: `Bearer ${String(key)}` });

/** A brand with a customer, an open problem and a rule, which hangs below one of two brands and is moved between them. */
export class MovingBrand {
  private readonly gateway: Client;
  private keys = {} as Record<Side | 'all', Headers>;
  private brands = {} as Record<Side | 'moving', string>;
  private operator: Headers = {};

  private constructor(private readonly system: System) {
    this.gateway = new Client(system.fleet.url('gateway'));
  }

  /** It begins below `north`, whose people see one of everything. */
  static async make(system: System): Promise<MovingBrand> {
    const moving = new MovingBrand(system);
    await moving.partner();
    await moving.contents();
    await moving.becomes('north', 1);
    return moving;
  }

  /** Carried out when this comes back; what the services then show follows. */
  async move(to: Side): Promise<void> {
    const body = { kind: 'move', brandId: this.brands.moving, parentId: this.brands[to] };
    const asked = await this.good('POST', 'brand-change-requests', body, this.keys.all);
    await this.good('POST', `brand-change-requests/${String(asked.body['id'])}/execute`, undefined, this.operator); // prettier-ignore
  }

  /** Milliseconds until each view holds so many for the people of that side. @throws when one does not within 15 s */
  async becomes(side: Side, count: 0 | 1): Promise<Record<View, number>> {
    const from = performance.now();
    const waits = ALL.map(async (view) => {
      await eventually(async () => (await this.count(view, this.keys[side])) === count, {
        timeoutMs: 15_000,
        intervalMs: POLL_MS,
      }).catch((error: unknown) => {
        throw new Error(`${side} does not come to see ${count} of ${view}`, { cause: error });
      });
      return [view, performance.now() - from] as const;
    });
    return Object.fromEntries(await Promise.all(waits)) as Record<View, number>;
  }

  /** Milliseconds from the end of a key until it is refused. */
  async revokedKey(): Promise<number> {
    const made = await this.good('POST', 'api-keys', { name: 'To be ended' }, this.keys.all);
    const key = bearer(made.body['key']);
    await eventually(() => this.good('GET', 'brands', undefined, key), { intervalMs: POLL_MS });
    await this.good('DELETE', `api-keys/${String(made.body['id'])}`, undefined, this.keys.all);
    const from = performance.now();
    const ask = () => this.gateway.call('GET', `${API}/brands`, undefined, key);
    await eventually(async () => (await ask()).status === 401, { timeoutMs: 15_000, intervalMs: POLL_MS });
    return performance.now() - from;
  }

  private async count(view: View, key: Headers): Promise<number> {
    const { status, body } = await this.gateway.call('GET', `${API}/${view}?limit=200`, undefined, key);
    if (status !== 200) throw new Error(`${view}: ${status}`);
    return body.items?.length ?? -1;
  }

  private async good(method: string, path: string, body: unknown, headers: Headers): Promise<Reply> {
    const reply = await this.gateway.call(method, `${API}/${path}`, body, headers);
    if (reply.status >= 300) throw new Error(`${method} ${path}: ${reply.status} ${JSON.stringify(reply.body)}`); // prettier-ignore
    return reply;
  }

  private async partner(): Promise<void> {
    const { fleet } = this.system;
    const partner = JSON.parse(await fleet.program('accounts', 'create-partner.js', ['--name', 'Moving'])) as { apiKey: string; brandId: string }; // prettier-ignore
    const username = `mover-${Date.now()}`;
    const operator = JSON.parse(await fleet.program('accounts', 'create-operator.js', ['--username', username])) as { password: string }; // prettier-ignore
    this.keys.all = bearer(partner.apiKey);
    await eventually(() => this.good('GET', 'brands', undefined, this.keys.all));
    const { cookie } = await this.good('POST', 'session', { username, password: operator.password }, {});
    this.operator = { cookie: String(cookie), 'sec-fetch-site': 'same-origin' };
    const brand = async (name: string, parentId: unknown): Promise<string> =>
      String((await this.good('POST', 'brands', { name, parentId }, this.keys.all)).body['id']);
    const root = (await this.good('GET', 'brands', undefined, this.keys.all)).body['id'];
    this.brands.north = await brand('North', root);
    this.brands.south = await brand('South', root);
    this.brands.moving = await brand('Moving', this.brands.north);
    for (const side of ['north', 'south'] as const) this.keys[side] = await this.keyOf(this.brands[side]);
  }

  private async keyOf(brandId: string): Promise<Headers> {
    const role = 'partner-senior-manager';
    const made = await this.good('POST', 'api-keys', { name: brandId, brandId, role }, this.keys.all);
    const key = bearer(made.body['key']);
    await eventually(() => this.good('GET', 'brands', undefined, key));
    return key;
  }

  private async contents(): Promise<void> {
    const { all } = this.keys;
    const url = this.system.fleet.url('psa-simulator');
    const link = { siteUrl: `${url}/connectwise`, companyId: 'demo', publicKey: 'demoPublicKey', privateKey: 'demoPrivateKey', solutionName: 'Backhaul' }; // prettier-ignore
    await this.gateway.put(`${API}/psa/connectwise/connection`, link, all);
    const on = { enabled: true, ticketing: {}, statistics: { enabled: false }, billing: {} };
    await this.gateway.put(`${API}/psa/connectwise/settings`, on, all);
    const { custId } = (await this.good('POST', 'customers', { name: 'ACME', brandId: this.brands.moving }, all)).body; // prettier-ignore
    const account = { custId, username: 'moving-host', hostName: 'MOVING', randomPassword: true };
    const { accountNo } = (await this.good('POST', 'accounts', account, all)).body;
    const rule = { name: 'Failures', action: 'open_connectwise_ticket', severities: { ok: false, warning: true, error: true }, allEventTypes: true, eventTypes: [], scope: {}, enabled: true }; // prettier-ignore
    const ofMoving = await this.keyOf(this.brands.moving);
    // Known there once notifications has heard of the brand.
    await eventually(() => this.good('POST', 'notification-rules', rule, ofMoving));
    await this.system.stores.until('ticketing-connectwise', 'SELECT 1 FROM psa_connection WHERE is_enabled AND partner_id = (SELECT partner_id FROM known_account WHERE account_no = $1)', { params: [accountNo] }); // prettier-ignore
    const endpoint = await eventually(() => this.good('POST', 'endpoints', { agent: 'duplicati', accountNo, name: 'Moving' }, all)); // prettier-ignore
    const report = readFileSync(join(repoRoot, 'docs/examples/duplicati-failure.json'), 'utf8');
    const sent = await new Client(this.system.fleet.url('ingestion')).call('POST', `/ingest/duplicati/${String(endpoint.body['key'])}`, report); // prettier-ignore
    if (sent.status !== 200) throw new Error(`The report was answered ${sent.status}`);
  }
}
