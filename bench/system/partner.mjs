/** A partner of the system under test: connected to the simulator, with one mapped customer whose failures open tickets. */
import { inParallel } from './parallel.mjs';

export class Partner {
  /** Logs its first API key in; `again` repeats what the system does not know yet. */
  constructor(system, apiKey, again) {
    this.system = system;
    this.apiKey = apiKey;
    this.again = again;
  }

  async api(method, path, body, headers = {}) {
    const answer = await fetch(`${this.system.url('gateway')}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.apiKey}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
      body: body ? JSON.stringify(body) : undefined,
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status} ${text.slice(0, 400)}`);
    return { body: text ? JSON.parse(text) : null, etag: answer.headers.get('etag') };
  }

  async addAccounts(count) {
    const accounts = [];
    await inParallel([...Array(count).keys()], 16, async (index) => {
      const account = {
        custId: this.custId,
        username: `bench-${index}`,
        hostName: `BENCH-${index}`,
        randomPassword: true,
      };
      const { body } = await this.again(() => this.api('POST', '/accounts', account));
      accounts.push(body.accountNo);
    });
    return accounts;
  }

  async #put(path, body) {
    const { etag } = await this.api('GET', path);
    await this.api('PUT', path, body, { 'if-match': etag });
  }

  async seed() {
    await this.again(() => this.api('GET', '/customers'));
    await this.again(() =>
      this.#put('/psa/connectwise/connection', {
        siteUrl: `${this.system.url('psa-simulator')}/connectwise`,
        companyId: 'demo',
        publicKey: 'demoPublicKey',
        privateKey: 'demoPrivateKey',
        solutionName: 'Backhaul',
      }),
    );
    await this.#put('/psa/connectwise/settings', {
      enabled: true,
      ticketing: {},
      statistics: { enabled: false },
      billing: {},
    });
    this.custId = (await this.api('POST', '/customers', { name: 'ACME Corp' })).body.custId;
    await this.again(async () => {
      const { body } = await this.api('GET', '/psa/connectwise/customer-map?limit=200');
      const row = body.items.find((item) => item.custId === this.custId);
      if (!row) throw new Error('The customer is not known to ticketing');
      const path = `/psa/connectwise/customer-map/${this.custId}`;
      await this.api('PATCH', path, { psaCompanyId: '250' }, { 'if-match': row.etag });
    });
    await this.api('POST', '/notification-rules', {
      name: 'Failures',
      action: 'open_connectwise_ticket',
      severities: { ok: false, warning: true, error: true },
      allEventTypes: true,
      eventTypes: [],
      scope: {},
      enabled: true,
    });
    return this;
  }
}
