/**
 * What keeping partners apart costs, and how soon a change is seen everywhere, on the whole system:
 *   node bench/walls.mjs [--moves 20] [--seconds 8]
 * Needs a build, and TEST_DATABASE_URL and TEST_KAFKA_BROKERS or what `npm test` needs to start its own.
 */
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { MIGRATIONS } from '../apps/ingestion/dist/migrations.js';
import { testDatabase } from '../libs/testing/dist/index.js';
import { System } from '../libs/testing/dist/faults/system.js';
import { MovingBrand, VIEWS } from '../libs/testing/dist/walls/moves.js';
import { loadAverage } from './system/system.mjs';
import { measureRowLevelSecurity } from './walls/row-level-security.mjs';

const { values } = parseArgs({
  options: { moves: { type: 'string', default: '20' }, seconds: { type: 'string', default: '8' } },
});
const say = (line) => process.stdout.write(`${line}\n`);
const figures = (times) => {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].toFixed(0);
  return `median ${at(0.5)} ms, most ${at(1)} ms, of ${sorted.length}`;
};
const UNLIMITED = { RATE_LIMIT_PER_SECOND: '100000', RATE_LIMIT_BURST: '1000000', RATE_LIMIT_PARTNER_PER_SECOND: '1000000', RATE_LIMIT_PARTNER_BURST: '10000000' }; // prettier-ignore

async function moves(moving, count) {
  const times = new Map(Object.values(VIEWS).map((service) => [service, []]));
  for (let n = 0; n < count; n += 1) {
    const [from, to] = n % 2 ? ['south', 'north'] : ['north', 'south'];
    await moving.move(to);
    const seen = await Promise.all([moving.becomes(from, 0), moving.becomes(to, 1)]);
    for (const [view, service] of Object.entries(VIEWS))
      times.get(service).push(...seen.map((each) => each[view]));
  }
  for (const [service, all] of times) say(`a move is seen in ${service}: ${figures(all)}`);
}

async function revocations(moving, count) {
  const times = [];
  for (let n = 0; n < count; n += 1) times.push(await moving.revokedKey());
  say(`a revoked API key is refused: ${figures(times)}`);
}

/** How many of those requests are answered by so many clients at once. */
async function rate(what, width, ask) {
  const until = performance.now() + Number(values.seconds) * 1000;
  const times = [];
  const client = async () => {
    while (performance.now() < until) {
      const from = performance.now();
      const answer = await ask();
      await answer.arrayBuffer();
      if (!answer.ok) throw new Error(`${what}: ${answer.status}`);
      times.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: width }, client));
  say(
    `${what}, ${width} at once: ${(times.length / Number(values.seconds)).toFixed(0)} a second; ${figures(times)}`,
  );
}

async function throughput(system) {
  const api = `${system.fleet.url('gateway')}/api/v1`;
  const made = JSON.parse(await system.fleet.program('accounts', 'create-partner.js', ['--name', 'Rates']));
  const headers = { authorization: `Bearer ${made.apiKey}`, 'content-type': 'application/json' };
  const post = async (path, body) => {
    const answer = await fetch(`${api}/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return answer.json();
  };
  for (let tries = 0; !(await fetch(`${api}/brands`, { headers })).ok; tries += 1)
    if (tries > 300) throw new Error('The key does not become known');
  const { custId } = await post('customers', { name: 'Rates' });
  for (let n = 0; n < 50; n += 1) await post('customers', { name: `Customer ${n}` });
  const login = {
    username: `rates-${randomBytes(4).toString('hex')}`,
    password: randomBytes(16).toString('hex'),
  };
  await post('accounts', { custId, ...login, role: 'partner-senior-manager' });
  const site = { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' };
  const logIn = () => fetch(`${api}/session`, { method: 'POST', headers: site, body: JSON.stringify(login) });
  await rate('logins', 4, logIn);
  const cookie = (await logIn()).headers.get('set-cookie').split(';')[0];
  await rate('lists of 50 by API key', 16, () => fetch(`${api}/customers?limit=50`, { headers }));
  await rate('lists of 50 by session', 16, () => fetch(`${api}/customers?limit=50`, { headers: { cookie } }));
}

say(`load average ${loadAverage()} before`);
const system = await System.start({ env: UNLIMITED });
try {
  const moving = await MovingBrand.make(system);
  await moves(moving, Number(values.moves));
  await revocations(moving, Number(values.moves));
  await throughput(system);
} finally {
  await system.close();
}
// In a database of its own: nothing of the system works on what is put there.
const store = await testDatabase({ migrations: MIGRATIONS });
try {
  for (const line of await measureRowLevelSecurity({ ownerUrl: store.url, serviceUrl: store.serviceUrl }))
    say(line);
} finally {
  await store.close();
}
say(`load average ${loadAverage()} after`);
