/**
 * node bench/event-log.mjs [--events 10000000] [--partners 20] [--rounds 30] [--days 400] [--fillers 2]
 *
 * How long a page of the event log takes: the list and a search by each operator, in a log that holds so many events,
 * half of them of one partner, received over so many days up to now. The rows are made by PostgreSQL, by so many
 * connections at once, in unlogged tables without indexes, which are made afterwards. Needs TEST_DATABASE_URL (PostgreSQL, superuser) and a build; makes a database of its own
 * and drops it. A search that ran out of its time and told how far it came is counted beside its figures. Prints a table
 * and, as its last line, JSON. Goal: p95 below 300 ms.
 */
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { EventFinder } from '../apps/ingestion/dist/events/event-search.js';
import { ingestionDataSource } from '../apps/ingestion/dist/database.js';
import { EventActionRepository } from '../apps/ingestion/dist/outcomes/event-action.repository.js';
import { EventRepository } from '../apps/ingestion/dist/events/event.repository.js';
import { systemClock, wholePartner } from '../libs/domain/dist/index.js';
import { UnitOfWork } from '../libs/persistence/dist/index.js';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '10000000' },
    partners: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '30' },
    days: { type: 'string', default: '400' },
    fillers: { type: 'string', default: '2' },
  },
});
const EVENTS = Number(values.events);
const PARTNERS = Number(values.partners);
const ROUNDS = Number(values.rounds);
const DAY_MS = 86_400_000;
const STEP_MS = (Number(values.days) * DAY_MS) / EVENTS;
const FIRST_MS = Date.now() - Number(values.days) * DAY_MS;
const GOAL_MS = 300;
const PAGE = 51;
const CHUNK = 250_000;
const ADMIN_URL = process.env.TEST_DATABASE_URL;
if (!ADMIN_URL) throw new Error('Set TEST_DATABASE_URL');

const partner = (n) => `01920000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const LARGEST = wholePartner(partner(0));
const SMALL = wholePartner(partner(1));

/** One event after the other; every second one of partner 0, one in 500 a failure, one in 100,000 with a rare word. */
const FILL = `
  INSERT INTO event (event_id, xid, partner_id, dedupe_id, body_hash, account_no, cust_id, bucket, job_hash, occurred_at,
    is_conclusive, is_success, type, severity, body, status, job, host_name, message)
  SELECT (lpad(to_hex($4::bigint + floor(n * $5::float8)::bigint), 12, '0') || '7000' || '8000' || lpad(to_hex(n), 12, '0'))::uuid, '3'::xid8,
    ('01920000-0000-7000-8000-' || lpad((CASE WHEN n % 2 = 0 THEN 0 ELSE n % $3 END)::text, 12, '0'))::uuid,
    gen_random_uuid(), '\\x00', 80000000 + n % 20000, 30000 + n % 2000, n % 64, n % 100000, now(), true, n % 500 > 0,
    CASE WHEN n % 500 > 1 THEN 'backup.completed' ELSE 'backup.failed' END,
    CASE WHEN n % 500 > 1 THEN 'OK' ELSE 'ERROR' END, repeat('{"some":"body"}', 60),
    CASE WHEN n % 500 > 1 THEN 'success' ELSE 'failed' END, 'Nightly ' || n % 40, 'HOST-' || n % 20000,
    CASE WHEN n % 500 > 1 THEN 'All files were saved.' ELSE 'Volume D: cannot be read, error 0x' || to_hex(n) END
      || CASE WHEN n % 100000 < 2 THEN ' quixotic' ELSE '' END
  FROM generate_series($1::bigint, $2::bigint) AS n`;

const FILL_ACTIONS = `
  INSERT INTO event_action (event_id, request_id, partner_id, rule_id, state, reason, message, at)
  SELECT event_id, gen_random_uuid(), partner_id, gen_random_uuid(), 'failed', 'unmapped_customer', 'The customer is not mapped', now()
  FROM event WHERE severity = 'ERROR' AND account_no % 10 < 2`;

const one = (field, operator, term) => ({ conditions: [{ field, operator, term }] });
const SEARCHES = {
  'equals, common': one('severity', 'equals', 'OK'),
  'equals, 1 in 250': one('status', 'equals', 'failed'),
  'notEquals': one('status', 'notEquals', 'success'),
  'startsWith': one('message', 'startsWith', 'volume d:'),
  'contains, rare': one('message', 'contains', 'quixotic'),
  'contains, never': one('message', 'contains', 'no such word'),
  'like, never': one('message', 'like', '*a*e*i*o*u*x*y*z?'),
  'account': one('accountNo', 'equals', '80000002'),
  'account, never': { conditions: [...one('accountNo', 'equals', '80000002').conditions, ...one('message', 'contains', 'no such word').conditions] },
  'errors like ?*': one('notificationProcessedErrors', 'like', '?*'),
  'before': { conditions: [], beforeMs: FIRST_MS + (EVENTS / 2) * STEP_MS },
  'word, in 30 days': { ...one('message', 'contains', 'quixotic'), fromMs: Date.now() - 30 * DAY_MS },
  'quick search': { conditions: [], quick: 'HOST-17' },
}; // prettier-ignore

const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];

async function measure(run) {
  const times = [];
  let partial = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const startedAt = performance.now();
    if ((await run())?.lookedDownTo) partial += 1;
    times.push(performance.now() - startedAt);
  }
  times.sort((a, b) => a - b);
  return { p50: quantile(times, 0.5), p95: quantile(times, 0.95), partial };
}

/** The months of before, as if they had been prepared at their time; and what is made for speed, as it must be. */
async function makeMonths(owner) {
  const from = new Date(FIRST_MS);
  for (let at = Date.UTC(from.getUTCFullYear(), from.getUTCMonth()); ;) {
    const { is, next } = await month(owner, at);
    if (is) break;
    at = next;
  }
  const tables = await owner.query("SELECT relid::text AS name FROM pg_partition_tree('event') WHERE isleaf");
  for (const { name } of tables) await owner.query(`ALTER TABLE ${name} SET UNLOGGED`);
  await owner.query('ALTER TABLE event_action SET UNLOGGED');
}

async function month(owner, at) {
  const start = new Date(at);
  const next = Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1);
  const name = `event_${start.toISOString().slice(0, 7).replace('-', '_')}`;
  const [{ is }] = await owner.query('SELECT to_regclass($1) IS NOT NULL AS is', [name]);
  if (is) return { is, next };
  const bounds = `event_id_at('${start.toISOString()}')`;
  const end = `event_id_at('${new Date(next).toISOString()}')`;
  await owner.query(`CREATE TABLE ${name} PARTITION OF event FOR VALUES FROM (${bounds}) TO (${end})`);
  await owner.query(`INSERT INTO event_partition VALUES ('${name}', ${bounds}, ${end}, true)`);
  return { is, next };
}

async function fill(owner) {
  const startedAt = performance.now();
  await makeMonths(owner);
  const plain = await owner.query(
    "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'event' AND indexname NOT LIKE '%pkey'",
  );
  for (const { indexname } of plain) await owner.query(`DROP INDEX ${indexname}`);
  await owner.query('ALTER TABLE event DROP CONSTRAINT event_pkey');
  let from = 1;
  const filler = async () => {
    while (from <= EVENTS) {
      const first = from;
      from += CHUNK;
      await owner.query(FILL, [first, Math.min(EVENTS, first + CHUNK - 1), PARTNERS, FIRST_MS, STEP_MS]);
      console.error(
        `${Math.min(EVENTS, first + CHUNK - 1)} events, ${Math.round((performance.now() - startedAt) / 1000)} s`,
      );
    }
  };
  await Promise.all(Array.from({ length: Number(values.fillers) }, filler));
  await owner.query(FILL_ACTIONS);
  const made = [
    'ALTER TABLE event ADD PRIMARY KEY (partner_id, event_id)',
    ...plain.map(({ indexdef }) => indexdef),
  ];
  const maker = async () => {
    for (let sql = made.shift(); sql !== undefined; sql = made.shift())
      await owner.query(sql.replace(' ON ONLY ', ' ON '));
  };
  await Promise.all(Array.from({ length: Number(values.fillers) }, maker));
  await owner.query('VACUUM ANALYZE event, event_action');
  return (performance.now() - startedAt) / 1000;
}

const admin = new pg.Client({ connectionString: ADMIN_URL });
await admin.connect();
const name = `bench_${randomUUID().slice(0, 8)}`;
await admin.query(`CREATE DATABASE ${name}`);
const url = Object.assign(new URL(ADMIN_URL), { pathname: `/${name}` }).href;
const owner = ingestionDataSource(url, Number(values.fillers));
Object.assign(owner.options.extra, { statement_timeout: 0, lock_timeout: 0 });
owner.options.extra.options += ' -c maintenance_work_mem=1GB';
const service = ingestionDataSource(url, 4, 'runtime');
try {
  await owner.initialize();
  await owner.runMigrations();
  const filledInS = await fill(owner);
  await service.initialize();
  const unitOfWork = new UnitOfWork(service);
  const finder = new EventFinder(unitOfWork, systemClock);
  const events = new EventRepository(unitOfWork, new EventActionRepository(unitOfWork));
  const result = { events: EVENTS, filledInS: Math.round(filledInS) };
  const rows = {};
  rows['list'] = await measure(() => events.list(LARGEST, {}, PAGE).catch(() => undefined));
  for (const [what, search] of Object.entries(SEARCHES)) {
    rows[what] = await measure(() => finder.find(LARGEST, search, PAGE));
    rows[`${what} (small partner)`] = await measure(() => finder.find(SMALL, search, PAGE));
  }
  const table = Object.fromEntries(
    Object.entries(rows).map(([what, { p50, p95, partial }]) => [
      what,
      { 'p50 ms': p50.toFixed(1), 'p95 ms': p95.toFixed(1), 'time was up': `${partial}/${ROUNDS}`, ok: p95 < GOAL_MS },
    ]),
  ); // prettier-ignore
  console.table(table);
  console.log(JSON.stringify({ ...result, goalMs: GOAL_MS, rows }));
} finally {
  await Promise.allSettled([owner.destroy(), service.destroy()]);
  await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
  await admin.end();
}
