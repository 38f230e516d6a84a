import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../eventually.js';
import { repoRoot } from '../servers.js';
import { type Provider, PROVIDERS } from './topology.js';

export interface Account {
  provider: Provider;
  accountNo: number;
  custId: number;
  /** Of its Duplicati endpoint. */
  endpointKey: string;
}

export type Accounts = Record<Provider, Account[]>;

export interface Seeded {
  apiKey: string;
  accounts: Accounts;
}

export interface SeedPlan {
  /** Where the script keeps what it made. */
  file: string;
  gatewayUrl: string;
  simulatorUrl: string;
  accountsPerPsa: number;
  /** Whether a rule has figures pushed. */
  hasSync: boolean;
  createPartner: (name: string) => Promise<string>;
}

interface Demo {
  apiKey: string;
  accounts: { accountNo: number; custId: number; endpointKeys: Record<string, string> }[];
}

/** What was just made reaches the other services within two seconds; until then it is asked again. */
const NOT_YET = [401, 404, 422, 502, 503];

async function post<T>({ gatewayUrl }: SeedPlan, apiKey: string, path: string, body: object): Promise<T> {
  const answer = await eventually(
    async () => {
      const tried = await fetch(`${gatewayUrl}/api/v1${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(20_000),
      });
      if (NOT_YET.includes(tried.status)) throw new Error(`POST ${path}: ${tried.status}`);
      return tried;
    },
    { timeoutMs: 30_000, intervalMs: 150 },
  );
  if (!answer.ok) throw new Error(`POST ${path} answered ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

/** By the script of `npm start`, so that the script itself is under test. */
async function seedDemo({ file, gatewayUrl, simulatorUrl, createPartner, hasSync }: SeedPlan): Promise<Demo> {
  process.env['GATEWAY_URL'] = gatewayUrl;
  process.env['PSA_SIMULATOR_URL'] = simulatorUrl;
  const { seedDemo: seed } = (await import(join(repoRoot, 'scripts/start/seed.mjs'))) as {
    seedDemo(parts: {
      createPartner(name: string): Promise<string>;
      file: string;
      hasSync: boolean;
    }): Promise<void>;
  };
  await seed({ createPartner, file, hasSync });
  return JSON.parse(readFileSync(file, 'utf8')) as Demo;
}

/** The demo partner: per PSA a customer with its connection, map and rule, and as many accounts as are wanted. */
export async function seedPartner(plan: SeedPlan): Promise<Seeded> {
  const demo = await seedDemo(plan);
  const accounts: Accounts = { connectwise: [], autotask: [] };
  for (const [index, provider] of PROVIDERS.entries()) {
    const first = demo.accounts[index];
    if (!first) throw new Error(`The demo has no account for ${provider}`);
    const { accountNo, custId, endpointKeys } = first;
    accounts[provider].push({ provider, accountNo, custId, endpointKey: endpointKeys['duplicati'] ?? '' });
    for (let n = 2; n <= plan.accountsPerPsa; n += 1)
      accounts[provider].push(await addAccount(plan, demo.apiKey, provider, custId, n));
  }
  return { apiKey: demo.apiKey, accounts };
}

async function addAccount(
  plan: SeedPlan,
  apiKey: string,
  provider: Provider,
  custId: number,
  n: number,
): Promise<Account> {
  const username = `${provider}-${n}`;
  const wanted = { custId, username, hostName: username.toUpperCase(), randomPassword: true };
  const { accountNo } = await post<{ accountNo: number }>(plan, apiKey, '/accounts', wanted);
  const endpoint = { agent: 'duplicati', accountNo, name: username };
  const { key } = await post<{ key: string }>(plan, apiKey, '/endpoints', endpoint);
  return { provider, accountNo, custId, endpointKey: key };
}
