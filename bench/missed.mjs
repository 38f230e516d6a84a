/**
 * node bench/missed.mjs [--rows 1000000] [--partners 20] [--rounds 30]
 *
 * What it costs to look for missed backups among so many jobs: a look with nothing due, one with 500 due that are all
 * told, and the following of 2,000 results. Needs TEST_DATABASE_URL (PostgreSQL, superuser) and a build; makes a
 * database of its own and drops it. Prints a table and, as its last line, JSON. Goal: among ten times the jobs a look
 * costs less than twice as much processor time, with 500 due and with none.
 */
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { ingestionDataSource } from '../apps/ingestion/dist/database.js';
import { AlarmBrake } from '../apps/ingestion/dist/schedules/alarm-brake.js';
import { AlarmFacts } from '../apps/ingestion/dist/schedules/alarm-facts.js';
import { Alarms } from '../apps/ingestion/dist/schedules/alarms.js';
import { ExpectationRepository } from '../apps/ingestion/dist/schedules/expectation.repository.js';
import { FollowLogHandler } from '../apps/ingestion/dist/schedules/follow-log.handler.js';
import { RaiseAlarmsHandler } from '../apps/ingestion/dist/schedules/raise-alarms.handler.js';
import { ScheduleLog } from '../apps/ingestion/dist/schedules/schedule-log.js';
import { ScheduleSettingsRepository } from '../apps/ingestion/dist/schedules/settings.repository.js';
import { WayIn } from '../apps/ingestion/dist/schedules/way-in.js';
import { UnitOfWork } from '../libs/persistence/dist/index.js';
import { postgresCpuMs } from './system/costs.mjs';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    partners: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '30' },
  },
});
const ROWS = Number(values.rows);
const PARTNERS = Number(values.partners);
const ROUNDS = Number(values.rounds);
const DUE = 500;
const RESULTS = 2000;
const FIRST = 80_000_000;
const BUCKETS = Array.from({ length: 64 }, (_, bucket) => bucket);
const ADMIN_URL = process.env.TEST_DATABASE_URL;
if (!ADMIN_URL) throw new Error('Set TEST_DATABASE_URL');

const PARTNER = `('01920000-0000-7000-8000-' || lpad((n % ${PARTNERS})::text, 12, '0'))::uuid`;
/** As Node would write it: a year of nights, the last one an hour ago. */
const RHYTHM = `json_build_object('sinceMs', ms - 3e10, 'lastMs', ms, 'gaps', array_fill(1440, ARRAY[20]), 'week', floor(ms / 6048e5),
  'longest', 1440, 'longestBefore', 1440)`;
const BODY = JSON.stringify({
  source: { agent: 'duplicati' },
  identity: { nativeDeviceId: null, hostName: 'ACME-WS07' },
  job: { nativeJobId: 'DB-1', jobName: 'Nightly', kind: 'backup', scope: 'online' },
});

const FILL = [
  `INSERT INTO account (account_no, partner_id, cust_id, username, host_name)
   SELECT ${FIRST} + n, ${PARTNER}, 34826, 'u' || n, 'HOST-' || n FROM generate_series(0, $1::int - 1) n`,
  `INSERT INTO event (event_id, xid, partner_id, dedupe_id, body_hash, account_no, cust_id, bucket, job_hash, occurred_at,
     is_conclusive, is_success, type, severity, body)
   SELECT '01920000-0000-7000-8000-000000000001', '3', ${PARTNER}, gen_random_uuid(), '\\x00', ${FIRST}, 34826, 0, 1, now(), true, true,
     'backup.completed', 'OK', '${BODY}' FROM generate_series(0, 0) n WHERE $1::int > 0`,
  `INSERT INTO expectation (account_no, job_hash, partner_id, bucket, due_at, status, known_since, last_event_id, last_run_at, rhythm)
   SELECT ${FIRST} + n, n + 1, ${PARTNER}, n % 64, at + interval '30 h', 'waiting', at - interval '300 d',
     '01920000-0000-7000-8000-000000000001', at, ${RHYTHM}
   FROM generate_series(0, $1::int - 1) n, LATERAL (SELECT now() - (n % 86400) * interval '1 s' AS at) seen,
     LATERAL (SELECT extract(epoch FROM at) * 1000 AS ms) as_ms`,
];
/** Every so many of them did not come last night. */
const MAKE_DUE = `
  UPDATE expectation SET due_at = now() - interval '1 h', last_run_at = now() - interval '31 h', status = 'waiting',
    rhythm = (SELECT ${RHYTHM} FROM (SELECT extract(epoch FROM now() - interval '31 h') * 1000 AS ms) at)
  WHERE account_no IN (SELECT ${FIRST} + n * ($1::int / ${DUE}) + n % ${PARTNERS} + $2::int FROM generate_series(0, ${DUE - 1}) n)`;
const MAKE_RESULTS = `
  INSERT INTO event (event_id, partner_id, dedupe_id, body_hash, account_no, cust_id, bucket, job_hash, occurred_at,
    is_conclusive, is_success, type, severity, body)
  SELECT (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '70008000' || substr(md5(random()::text), 1, 12))::uuid,
    ${PARTNER}, gen_random_uuid(), '\\x00', ${FIRST} + n, 34826, n % 64, n + 1, now(), true, true, 'backup.completed', 'OK', '${BODY}'
  FROM (SELECT (m::bigint * 7919 + $2::int) % $1::int AS n FROM generate_series(1, ${RESULTS}) m) one`;

const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];

/** Wall time of each round, and processor time of Node and of PostgreSQL for one of them, in milliseconds. */
async function measure(database, prepare, run) {
  const times = [];
  const cpu = { node: 0, postgres: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    await prepare(round);
    const [node, postgres, startedAt] = [process.cpuUsage(), postgresCpuMs(database), performance.now()];
    await run();
    times.push(performance.now() - startedAt);
    const { user, system } = process.cpuUsage(node);
    cpu.node += (user + system) / 1000 / ROUNDS;
    cpu.postgres += (postgresCpuMs(database) - postgres) / ROUNDS;
  }
  times.sort((a, b) => a - b);
  return { p50: quantile(times, 0.5), p95: quantile(times, 0.95), cpu };
}

async function measureAmong(rows) {
  const admin = new pg.Client({ connectionString: ADMIN_URL });
  await admin.connect();
  const name = `bench_${randomUUID().slice(0, 8)}`;
  await admin.query(`CREATE DATABASE ${name}`);
  const url = Object.assign(new URL(ADMIN_URL), { pathname: `/${name}` }).href;
  const owner = ingestionDataSource(url, 1);
  const service = ingestionDataSource(url, 4, 'runtime');
  try {
    await owner.initialize();
    await owner.runMigrations();
    await owner.query('SET statement_timeout = 0');
    for (const sql of FILL) await owner.query(sql, [rows]);
    await owner.query('VACUUM ANALYZE expectation, account, event');
    console.error(`${rows} jobs are there`);
    await service.initialize();
    return await measureIn(name, owner, new UnitOfWork(service), rows);
  } finally {
    await Promise.allSettled([owner.destroy(), service.destroy()]);
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await admin.end();
  }
}

/** The log is read below the oldest transaction of the whole server, whoever's that is. */
async function settled(owner) {
  const [{ xid }] = await owner.query('SELECT pg_current_xact_id()::text AS xid');
  for (;;) {
    const [{ ok }] = await owner.query('SELECT pg_snapshot_xmin(pg_current_snapshot()) > $1::xid8 AS ok', [
      xid,
    ]);
    if (ok) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function measureIn(name, owner, unitOfWork, rows) {
  const [log, expectations, settings] = [new ScheduleLog(), new ExpectationRepository(), new ScheduleSettingsRepository()]; // prettier-ignore
  const alarms = new Alarms(new AlarmFacts(), settings, Math.random, { error: console.error });
  const parts = {
    unitOfWork,
    log,
    expectations,
    wayIn: new WayIn(unitOfWork),
    alarms,
    brake: new AlarmBrake(),
  };
  const raise = new RaiseAlarmsHandler({ ...parts, random: Math.random });
  const follow = new FollowLogHandler(unitOfWork, log, expectations, settings);
  const beat = () => owner.query('UPDATE ingest_watch SET beat_at = clock_timestamp()');
  const nothing = await measure(name, beat, () => raise.handle(BUCKETS, new Date()));
  let told = 0;
  const due = await measure(
    name,
    async (round) => {
      await owner.query('DELETE FROM alarm_tally');
      await owner.query(MAKE_DUE, [rows, round]);
      await owner.query('UPDATE schedule_bucket SET pos_xid = pg_current_xact_id()');
      await beat();
    },
    async () => (told += (await raise.handle(BUCKETS, new Date())).raised.length),
  );
  let followed = 0;
  const results = await measure(
    name,
    async (round) => {
      await owner.query(MAKE_RESULTS, [rows, round * RESULTS]);
      await settled(owner);
    },
    async () => (followed += (await follow.handle(new Date(), 0, RESULTS)).events),
  );
  const [size] = await owner.query(
    `SELECT pg_table_size('expectation') / 1048576.0 AS table, pg_indexes_size('expectation') / 1048576.0 AS indexes`,
  );
  if (followed !== RESULTS * ROUNDS) throw new Error(`${followed} of ${RESULTS * ROUNDS} were followed`);
  if (told !== DUE * ROUNDS) throw new Error(`${told} of ${DUE * ROUNDS} were told`);
  return {
    rows,
    nothing,
    due,
    results,
    followed,
    tableMb: Number(size.table),
    indexesMb: Number(size.indexes),
  };
}

const measured = [];
for (const rows of [ROWS / 10, ROWS]) measured.push(await measureAmong(rows));
const shown = ({ p50, p95, cpu }) =>
  `${p50.toFixed(1)} / ${p95.toFixed(1)}; ${cpu.node.toFixed(0)} + ${cpu.postgres.toFixed(0)}`;
console.table(
  measured.map(({ rows, nothing, due, results, tableMb, indexesMb }) => ({
    jobs: rows,
    'nothing due': shown(nothing),
    [`${DUE} due and told`]: shown(due),
    [`${RESULTS} results followed`]: shown(results),
    'table + indexes MB': `${tableMb.toFixed(0)} + ${indexesMb.toFixed(0)}`,
  })),
);
console.log('milliseconds: p50 / p95; processor time of Node + PostgreSQL');
const [few, many] = measured;
const cost = ({ cpu }) => cpu.node + cpu.postgres;
const ok = ['nothing', 'due'].every((what) => cost(many[what]) <= 2 * cost(few[what]));
console.log(JSON.stringify({ ok, measured }));
