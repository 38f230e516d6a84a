/**
 * node bench/ingest.mjs [--pairs 5] [--seconds 4] [--callers 64] [--system [--drain 15]] [--node-args '--max-semi-space-size=1']
 *
 * How many reports a second ingestion makes durable, as a ratio to a bare node:http + pg floor with the same group
 * commit, measured in interleaved pairs. Needs TEST_DATABASE_URL (PostgreSQL, superuser) and TEST_KAFKA_BROKERS, and a
 * build. With --system the relay, Kafka, notifications, ticketing and a PSA simulator work on each event meanwhile, on
 * the same machine. Then an open loop at half of ingestion's peak. Prints a table and, as its last line, JSON.
 *
 * It ends within four minutes, whatever the machine: pairs are left out once time runs short, the backlog of the whole
 * system is told as it stands and worked off for `--drain` seconds at most, and what hangs is killed and told.
 */
import { spawn } from 'node:child_process';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { cpus } from 'node:os';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { drain } from './ingest/backlog.mjs';
import { TEMPLATE } from './ingest/template.mjs';
import { cpuMs, postgresCpuMs } from './system/costs.mjs';
import { loadAverage, startSystem } from './system/system.mjs';
import { createKafka, ensureTopics } from '../libs/messaging/dist/index.js';
import { freePort } from '../scripts/infrastructure/free-port.mjs';

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    callers: { type: 'string', default: '64' },
    profile: { type: 'boolean', default: false },
    system: { type: 'boolean', default: false },
    drain: { type: 'string', default: '15' },
    'node-args': { type: 'string', default: '' },
  },
});
const PAIRS = Number(values.pairs);
const MS = Number(values.seconds) * 1000;
const CALLERS = Number(values.callers);
const NODE_ARGS = values['node-args'].split(' ').filter(Boolean);
const KEYS = 64;
const ADMIN_URL = process.env.TEST_DATABASE_URL;
const BROKERS = process.env.TEST_KAFKA_BROKERS;
if (!ADMIN_URL || !BROKERS) throw new Error('Set TEST_DATABASE_URL and TEST_KAFKA_BROKERS');

/** No pair begins after the first, no process lives after the second. */
const LAST_PAIR_MS = 110_000;
const GIVE_UP_MS = 225_000;
const startedAt = performance.now();
const children = [];

function run(file, env, args = []) {
  const child = spawn(process.execPath, [...args, file], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  return child;
}

async function until(check) {
  for (let tries = 0; tries < 400; tries += 1) {
    if (await check().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('It does not come up');
}

async function database() {
  const name = `bench_${randomBytes(4).toString('hex')}`;
  const admin = new pg.Client({ connectionString: ADMIN_URL });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  const url = new URL(ADMIN_URL);
  url.pathname = `/${name}`;
  const drop = async () => {
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await admin.end();
  };
  return { url: url.href, name, drop };
}

const kafka = createKafka({ brokers: BROKERS.split(','), clientId: 'bench' });

async function dropTopics(prefix) {
  const admin = kafka.admin();
  await admin.connect();
  const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix));
  if (topics.length > 0) await admin.deleteTopics({ topics });
  await admin.disconnect();
}

async function startIngestion(db) {
  await ensureTopics(kafka, { prefix: `${db.name}.` });
  const port = await freePort();
  const managementPort = await freePort();
  const env = {
    DATABASE_URL: db.url,
    KAFKA_BROKERS: BROKERS,
    KAFKA_TOPIC_PREFIX: `${db.name}.`,
    SERVICE_TOKEN_KEY: randomBytes(24).toString('hex'),
    PORT: String(port),
    MANAGEMENT_PORT: String(managementPort),
    RATE_LIMIT_PER_KEY: '1000000',
    RATE_LIMIT_PER_PARTNER: '1000000',
    LOG_LEVEL: 'error',
  };
  const migration = run('apps/ingestion/dist/migrate.js', env);
  await new Promise((resolve) => migration.once('exit', resolve));
  const client = new pg.Client({ connectionString: db.url });
  await client.connect();
  const targets = [];
  for (let index = 0; index < KEYS; index += 1) {
    const key = `bke_bench${index}`;
    const id = randomUUID();
    await client.query(
      "INSERT INTO endpoint (id, partner_id, agent, account_no, name) VALUES ($1, $2, 'generic', $3, 'x')",
      [id, randomUUID(), 80202028 + index],
    );
    await client.query('INSERT INTO endpoint_key VALUES ($1, $2)', [
      createHash('sha256').update(key).digest(),
      id,
    ]);
    targets.push({ port, path: `/ingest/generic/${key}` });
  }
  // Ingestion alone: the relay has its own measurement. A lease far ahead keeps it from publishing here.
  await client.query("UPDATE relay_lease SET owner = $1, expires_at = 'infinity'", [randomUUID()]);
  await client.end();
  const child = run('apps/ingestion/dist/main.js', env, [
    ...NODE_ARGS,
    ...(values.profile ? ['--cpu-prof', '--cpu-prof-dir=/tmp/ingest-prof'] : []),
  ]);
  await until(async () => (await fetch(`http://127.0.0.1:${port}/ingest/generic/x`)).ok);
  return { name: 'ingestion', child, targets, db };
}

/** Ingestion as one of all services: its events are published, matched and turned into tickets while it is measured. */
async function startWhole() {
  const system = await startSystem({ nodeArgs: NODE_ARGS });
  const accounts = await system.addAccounts(KEYS);
  const port = system.ports.ingestion;
  const targets = [];
  for (const accountNo of accounts) {
    const { body } = await system.api('POST', '/endpoints', { agent: 'generic', accountNo, name: 'bench' });
    targets.push({ port, path: `/ingest/generic/${body.key}` });
  }
  const db = { name: new URL(system.databaseUrl('ingestion')).pathname.slice(1) };
  const url = system.databaseUrl('ingestion');
  return {
    name: 'ingestion',
    url,
    child: system.children.get('ingestion'),
    targets,
    db,
    stop: () => system.stop({ withinMs: 10_000 }),
    processes: () => [...system.children.values()],
  };
}

async function startFloor(db) {
  const port = await freePort();
  const child = run(new URL('./ingest/floor.mjs', import.meta.url).pathname, {
    DATABASE_URL: db.url,
    PORT: String(port),
  });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return { name: 'floor', child, targets: [{ port, path: '/' }], db };
}

const generator = run(new URL('./ingest/generator.mjs', import.meta.url).pathname, {});
const answers = createInterface({ input: generator.stdout })[Symbol.asyncIterator]();

/** Its own patience for one request is 5 s; a generator that says nothing for much longer is lost. */
async function answerWithin(ms) {
  let timer;
  const late = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new Error('The load generator gives no answer')), ms);
  });
  const answer = await Promise.race([answers.next(), late]);
  clearTimeout(timer);
  return JSON.parse(answer.value);
}

async function measure(subject, job) {
  const before = [cpuMs(subject.child.pid), postgresCpuMs(subject.db.name), cpuMs(generator.pid)];
  generator.stdin.write(`${JSON.stringify({ ...job, targets: subject.targets, template: TEMPLATE })}\n`);
  const result = await answerWithin(job.ms + 15_000);
  const after = [cpuMs(subject.child.pid), postgresCpuMs(subject.db.name), cpuMs(generator.pid)];
  const us = (index) => ((after[index] - before[index]) * 1000) / Math.max(1, result.count);
  return { subject: subject.name, ...result, nodeUs: us(0), postgresUs: us(1), generatorUs: us(2) };
}

/** What a row takes in its table and beside it, so that both sides write the same. */
async function bytesPerRow(url, table) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(
    `SELECT avg(pg_column_size(t.*))::int AS bytes FROM (SELECT * FROM ${table} LIMIT 500) t`,
  );
  await client.end();
  return rows[0].bytes;
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const round = (value) => Math.round(value * 100) / 100;

function print(rows) {
  console.table(
    rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [name, typeof value === 'number' ? round(value) : value]),
      ),
    ),
  );
}

let whole = null;
const dbs = [await database(), await database()];
setTimeout(() => {
  for (const child of [...children, ...(whole?.processes() ?? [])]) child.kill('SIGKILL');
  console.log(JSON.stringify({ aborted: `not done in ${GIVE_UP_MS / 1000} s`, loadAverage: loadAverage() }));
  process.exit(1);
}, GIVE_UP_MS).unref();
try {
  whole = values.system ? await startWhole() : null;
  const subjects = [whole ?? (await startIngestion(dbs[0])), await startFloor(dbs[1])];
  for (const subject of subjects) await measure(subject, { kind: 'closed', callers: CALLERS, ms: 3000 });
  const rows = [];
  const ratios = [];
  for (let pair = 0; pair < PAIRS; pair += 1) {
    if (pair > 0 && performance.now() - startedAt > LAST_PAIR_MS) break;
    const order = pair % 2 === 0 ? subjects : [...subjects].reverse();
    const results = {};
    for (const subject of order) {
      results[subject.name] = await measure(subject, { kind: 'closed', callers: CALLERS, ms: MS });
      rows.push({ pair, ...results[subject.name] });
    }
    ratios.push(results.ingestion.perSecond / results.floor.perSecond);
  }
  const peak = median(rows.filter((row) => row.subject === 'ingestion').map((row) => row.perSecond));
  const half = await measure(subjects[0], {
    kind: 'open',
    rate: Math.floor(peak / 2),
    ms: Math.max(MS, 5000),
  });
  const backlog = whole ? await drain(whole.url, Number(values.drain)) : null;
  const rowBytes = {
    ingestion: await bytesPerRow(whole ? whole.url : dbs[0].url, 'event'),
    floor: await bytesPerRow(dbs[1].url, 'floor_event'),
  };
  print(rows);
  print([{ what: 'bytes of a row, without indexes', ...rowBytes }]);
  print([{ loop: 'open, half of the peak', ...half }]);
  console.log(`ratio to the floor, by pair: ${ratios.map(round).join(' ')}; median ${round(median(ratios))}`);
  if (backlog) print([{ what: 'backlog of the whole system when the load ended', ...backlog.atEnd }]);
  const report = {
    machine: `${cpus().length} x ${cpus()[0]?.model}`,
    node: process.version,
    peak,
    ratios,
    ratio: median(ratios),
    loadAverage: loadAverage(),
    bytes: rowBytes,
    half,
    backlog,
    rows,
  };
  console.log(JSON.stringify(report));
} finally {
  await whole?.stop();
  for (const child of children) if (child.exitCode === null) child.kill('SIGTERM');
  await Promise.all(
    children.map((child) =>
      child.exitCode === null && child.signalCode === null
        ? new Promise((done) => child.once('exit', done))
        : null,
    ),
  );
  await dropTopics(`${dbs[0].name}.`);
  for (const db of dbs) await db.drop();
}
process.exit(0);
