/** The demo partner, made as any partner would be: one command for the operator, the rest over the REST API. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { dataDir } from '../toolchain.mjs';
import { publicUrl, url } from './services.mjs';

export const demoFile = join(dataDir, 'demo.json');
const AGENTS = [
  'duplicati',
  'restic',
  'borg',
  'kopia',
  'proxmox-ve',
  'proxmox-bs',
  'comet',
  'veeam-vbr',
  'ahsay',
  'urbackup',
  'bareos',
  'generic',
];

/** Of the logins; the operator comes on top. */
const ROLES = [
  'partner-senior-manager',
  'partner-senior-it-manager',
  'partner-senior-customer-service',
  'partner-customer-service',
  'partner-read-only',
  'partner-api',
  'power-user',
];

const CUSTOMERS = [
  {
    name: 'ACME Corp',
    custId: 34826,
    username: 'acme-ws07',
    hostName: 'ACME-WS07',
    provider: 'connectwise',
    psaCompanyId: '250',
  },
  {
    name: 'Globex',
    custId: 34827,
    username: 'globex-srv1',
    hostName: 'GLOBEX-SRV1',
    provider: 'autotask',
    psaCompanyId: '176',
  },
];

/** What the simulator accepts. */
const connections = () => ({
  connectwise: {
    siteUrl: `${url('psa-simulator')}/connectwise`,
    companyId: 'demo',
    publicKey: 'demoPublicKey',
    privateKey: 'demoPrivateKey',
    solutionName: 'Backhaul',
  },
  autotask: {
    username: 'api@demo.example',
    password: 'demoSecret',
    trackingIdentifier: 'DEMOTRACKINGIDENTIFIER00001',
    apiUrl: `${url('psa-simulator')}/autotask`,
  },
});

function client(apiKey) {
  return async (method, path, body, headers = {}) => {
    const answer = await fetch(`${url('gateway')}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
      body: body ? JSON.stringify(body) : undefined,
      signal: AbortSignal.timeout(20_000),
    });
    const text = await answer.text();
    if (!answer.ok)
      throw Object.assign(
        new Error(`Seeding the demo: ${method} ${path} answered ${answer.status} ${text.slice(0, 500)}`),
        { status: answer.status },
      );
    return { body: text ? JSON.parse(text) : null, etag: answer.headers.get('etag') };
  };
}

/** A fresh key, customer or account reaches the other services within two seconds. */
async function onceKnown(act) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await act();
    } catch (error) {
      if (![401, 404, 422, 502, 503].includes(error.status) || attempt === 60) throw error;
      await wait(100);
    }
  }
}

async function putCurrent(api, path, body) {
  const { etag } = await api('GET', path);
  return api('PUT', path, body, { 'if-match': etag });
}

/** @param hasStatistics whether the PSA has a report of backup statistics */
async function seedConnection(api, provider, settings, hasStatistics) {
  await putCurrent(api, `/psa/${provider}/connection`, settings);
  await putCurrent(api, `/psa/${provider}/settings`, {
    enabled: true,
    ticketing: {},
    statistics: { enabled: hasStatistics },
    billing: {},
  });
}

async function seedCustomer(api, { name, custId, username, hostName }) {
  const { body: customers } = await api('GET', '/customers?limit=200');
  if (!customers.items.some((row) => row.custId === custId))
    await api('POST', '/customers', { name, custId });
  const { body: accounts } = await api('GET', '/accounts?limit=200');
  const known = accounts.items.find((row) => row.username === username);
  return known
    ? known.accountNo
    : (await api('POST', '/accounts', { custId, username, hostName, randomPassword: true })).body.accountNo;
}

async function mapCustomer(api, { provider, custId, psaCompanyId }) {
  const { body } = await api('GET', `/psa/${provider}/customer-map?limit=200`);
  const row = body.items.find((item) => item.custId === custId);
  if (row.psaCompanyId === psaCompanyId) return;
  await api('PATCH', `/psa/${provider}/customer-map/${custId}`, { psaCompanyId }, { 'if-match': row.etag });
}

/** A ticket for what goes wrong; where the PSA has a report of statistics, its figures with every event (E40). */
function rulesOf({ provider, custId }, hasSync) {
  const psa = provider === 'connectwise' ? 'ConnectWise' : 'Autotask';
  const ticket = { name: `Open a ticket in ${psa}`, action: `open_${provider}_ticket`, custId };
  const sync = { name: `Synchronize with ${psa}`, action: `sync_${provider}`, custId, ok: true };
  return hasSync && provider === 'connectwise' ? [ticket, sync] : [ticket];
}

async function seedRule(api, { name, action, custId, ok = false }) {
  const { body } = await api('GET', '/notification-rules?limit=200');
  if (body.items.some((rule) => rule.name === name)) return;
  await api('POST', '/notification-rules', {
    name,
    action,
    severities: { ok, warning: true, error: true },
    allEventTypes: true,
    eventTypes: [],
    scope: { custIds: [custId] },
    enabled: true,
  });
}

/** What a program of the partner sets going by a web request. */
async function seedHandler(api) {
  const name = 'Nightly check';
  const { body } = await api('GET', '/event-handlers?limit=200');
  if (body.items.some((handler) => handler.name === name)) return;
  await api('POST', '/event-handlers', {
    name,
    source: { kind: 'web_request', api: 'nightly' },
    actions: [{ kind: 'email', to: ['service-desk@demo.example'] }],
  });
}

async function seedEndpoints(api, accountNo) {
  const endpointKeys = {};
  for (const agent of AGENTS) {
    const { body } = await onceKnown(() =>
      api('POST', '/endpoints', { agent, accountNo, name: `Demo ${agent}` }),
    );
    endpointKeys[agent] = body.key;
  }
  return endpointKeys;
}

/** One login for each role; one whose password was never written down gets a new one. */
async function seedLogins(api, file, demo) {
  const { body } = await api('GET', '/accounts?limit=200');
  for (const role of ROLES) {
    if (demo.logins.some((login) => login.role === role)) continue;
    const username = `demo-${role.replace('partner-', '')}`;
    const known = body.items.find((row) => row.username === username);
    const path = known ? `/accounts/${known.accountNo}/password` : '/accounts';
    const wanted = { custId: CUSTOMERS[0].custId, username, role };
    const { password } = (await api('POST', path, { ...(known ? {} : wanted), randomPassword: true })).body;
    const login = { role, username, password };
    if (role === 'partner-api') demo.partnerApi = { username, password };
    demo.logins.push(login);
    save(file, demo);
  }
}

/** The operator is made by a command, as there is nobody who could make the first one. */
async function seedOperator(createOperator, file, demo) {
  const role = 'platform-operator';
  if (demo.logins.some((login) => login.role === role)) return;
  const { username, password } = JSON.parse(
    await createOperator(`demo-operator-${randomBytes(3).toString('hex')}`),
  );
  demo.logins.push({ role, username, password });
  save(file, demo);
}

function save(file, demo) {
  writeFileSync(`${file}.new`, `${JSON.stringify(demo, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

const load = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null);

/** Adds what is missing; a second start finds everything and changes nothing. `file` keeps what was made. */
export async function seedDemo({ createPartner, createOperator = null, file = demoFile, hasSync = true }) {
  let demo = load(file);
  const roles = [...ROLES, ...(createOperator ? ['platform-operator'] : [])];
  const hasLogins = roles.every((role) => demo?.logins.some((login) => login.role === role));
  if (hasLogins && demo.accounts.length === CUSTOMERS.length) return;
  if (!demo) {
    const { apiKey } = JSON.parse(await createPartner('Demo MSP'));
    demo = {
      gateway: publicUrl('gateway'),
      ingestion: publicUrl('ingestion'),
      simulator: publicUrl('psa-simulator'),
      logins: [],
      partnerApi: null,
      apiKey,
      accounts: [],
      connections: connections(),
    };
    save(file, demo);
  }
  const api = client(demo.apiKey);
  await onceKnown(() => api('GET', '/customers'));
  for (const [provider, settings] of Object.entries(demo.connections))
    await seedConnection(api, provider, settings, provider === 'connectwise');
  if (createOperator) await seedOperator(createOperator, file, demo);
  const accounts = [];
  for (const customer of CUSTOMERS) {
    const accountNo = await seedCustomer(api, customer);
    await mapCustomer(api, customer);
    for (const rule of rulesOf(customer, hasSync)) await seedRule(api, rule);
    accounts.push({
      accountNo,
      custId: customer.custId,
      hostName: customer.hostName,
      endpointKeys: await seedEndpoints(api, accountNo),
    });
  }
  await seedHandler(api);
  await seedLogins(api, file, demo);
  save(file, { ...demo, accounts });
}
