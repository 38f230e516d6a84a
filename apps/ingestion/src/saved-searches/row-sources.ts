import { KINDS, type RowKind } from './search-kinds.js';

/**
 * What each kind finds rows in: of every account in `accounts` as many as it has, each with its place, `place_no` and
 * `place_key`, in whose order they are shown. `$1` is the partner.
 */
const MS = (time: string): string => `(extract(epoch FROM ${time}) * 1000)::bigint`;
const JOB_ID = "lpad(to_hex(x.job_hash), 16, '0')";
const OF_ACCOUNT = `a.account_no AS place_no, a.account_no AS "accountNo", a.cust_id AS "custId",
  a.brand_id::text AS "brandId", a.customer_name AS "customerName"`;
const JOBS_OF_ACCOUNT = 'x.account_no = a.account_no AND x.partner_id = $1 AND x.job_hash <> 0';
const OF_RESULT = `x.heard ->> 'status' AS "status", x.heard ->> 'severity' AS "severity",
  (x.heard ->> 'storedBytes')::bigint AS "storedBytes"`;
/** What the newest of several results said. */
const newest = (name: string): string =>
  `(array_agg(x.heard ->> '${name}' ORDER BY x.last_run_at DESC NULLS LAST))[1]`;
const SUMMED = `count(*)::int AS jobs, ${newest('status')} AS status, ${newest('severity')} AS severity,
  sum((x.heard ->> 'storedBytes')::bigint)::bigint AS stored`;
const OF_SUM = 'j.jobs AS "jobs", j.status AS "status", j.severity AS "severity", j.stored AS "storedBytes"';

/** What it takes to say when a job runs next. */
const WATCH = `json_build_object('status', x.status, 'lastRunMs', ${MS('x.last_run_at')}, 'runningMs', ${MS('x.running_at')},
  'excusedMs', ${MS('x.excused_at')}, 'toldMs', ${MS('x.told_at')}, 'rhythm', x.rhythm) AS watch, a.settings`;

const BACKUP_SETS = `
  SELECT ${OF_ACCOUNT}, ${JOB_ID} AS place_key, a.username AS "username", ${JOB_ID} AS "jobId", x.heard ->> 'agent' AS "agent",
    x.heard ->> 'hostName' AS "hostName", x.heard ->> 'jobName' AS "jobName", ${OF_RESULT}, x.status AS "schedule",
    x.last_run_at AS "lastRunAt", x.running_at AS "runningSince", ${WATCH}
  FROM accounts a JOIN expectation x ON ${JOBS_OF_ACCOUNT} WHERE a.is_seen`;

const VOLUMES = `
  SELECT ${OF_ACCOUNT}, ${JOB_ID} AS place_key, x.heard ->> 'hostName' AS "hostName", x.heard ->> 'jobName' AS "volume",
    ${JOB_ID} AS "volumeId", ${OF_RESULT}, x.status AS "schedule", x.last_run_at AS "lastImageAt"
  FROM accounts a JOIN expectation x ON ${JOBS_OF_ACCOUNT}
  WHERE a.is_seen AND x.heard ->> 'agent' = 'shadowprotect'`;

const customersOf = (agent: string): string => `
  SELECT ${OF_ACCOUNT}, '' AS place_key, a.username AS "username", a.host_name AS "hostName", ${OF_SUM}, j.last_run AS "lastRunAt"
  FROM accounts a CROSS JOIN LATERAL (
    SELECT ${SUMMED}, max(x.last_run_at) AS last_run FROM expectation x
    WHERE ${JOBS_OF_ACCOUNT} AND x.heard ->> 'agent' = '${agent}') j
  WHERE a.is_seen AND j.jobs > 0`;

const HOST = `coalesce(x.heard ->> 'hostName', a.host_name, '')`;
const SERVERS = `
  SELECT ${OF_ACCOUNT}, left(j.host, 60) || md5(j.host) AS place_key, nullif(j.name, '') AS "hostName", j.agents AS "agents",
    ${OF_SUM}, j.last_contact AS "lastContactAt"
  FROM accounts a CROSS JOIN LATERAL (
    SELECT lower(${HOST}) AS host, min(${HOST}) AS name, ${SUMMED},
      string_agg(DISTINCT x.heard ->> 'agent', ' ') AS agents, max(greatest(x.last_run_at, x.running_at)) AS last_contact
    FROM expectation x WHERE ${JOBS_OF_ACCOUNT} AND x.heard ->> 'machineClass' = 'server' GROUP BY 1) j
  WHERE a.is_seen`;

const SOURCES: Record<RowKind, string> = {
  'search-customers-ahsay': customersOf('ahsay'),
  'search-customers-asigra': customersOf('asigra'),
  'search-backupsets': BACKUP_SETS,
  'search-shadowprotect-volumes': VOLUMES,
  'search-servers': SERVERS,
};

const ISO = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`;

/** A field of a row as the text that it is compared and shown as. */
function textOf(kind: RowKind, field: string): string {
  const column = `r."${field}"`;
  switch (KINDS[kind].fields[field]) {
    case 'time':
      return `to_char(${column} AT TIME ZONE 'UTC', ${ISO})`;
    case 'number':
      return `${column}::text`;
    default:
      return column;
  }
}

const casesOf = (fields: readonly string[], valueOf: (field: string) => string): string =>
  fields.map((field) => `WHEN '${field}' THEN ${valueOf(field)}`).join(' ');

function cellsOf(kind: RowKind): string {
  const { fields, columns } = KINDS[kind];
  const shown = columns
    .filter((name) => name in fields)
    .map((name) => `'${name}', ${fields[name] === 'time' ? textOf(kind, name) : `r."${name}"`}`);
  return kind === 'search-backupsets' ? [...shown, "'watch', r.watch", "'settings', r.settings"].join(', ') : shown.join(', '); // prettier-ignore
}

/**
 * Looks through a window of accounts: from `$2` on, behind the row `$3` of that one if any, `$4` accounts and `$5` rows at
 * most, rows only if `$6`. Conditions are tables, so that a kind has few texts, whatever is searched for. `isSeen` speaks of
 * the account `a`.
 */
export function windowOf(kind: RowKind, isSeen: string): string {
  const { fields } = KINDS[kind];
  const names = Object.keys(fields);
  const times = names.filter((name) => fields[name] === 'time');
  return `
    WITH accounts AS MATERIALIZED (
      SELECT a.account_no, a.cust_id, coalesce(c.brand_id, a.brand_id) AS brand_id, a.username, a.host_name,
        c.name AS customer_name, s.settings, ${isSeen} AS is_seen
      FROM (SELECT account_no, partner_id, cust_id, brand_id, username, host_name FROM account
          WHERE partner_id = $1 AND account_no >= $2 ORDER BY account_no LIMIT $4) a
        LEFT JOIN customer c ON c.partner_id = a.partner_id AND c.cust_id = a.cust_id
        LEFT JOIN account_schedule s ON s.account_no = a.account_no AND s.partner_id = a.partner_id),
    hits AS MATERIALIZED (
      SELECT r.place_no, r.place_key, json_build_object(${cellsOf(kind)}) AS cells FROM (${SOURCES[kind]}) r
      WHERE (r.place_no > $2 OR $3::text IS NULL OR r.place_key > $3::text COLLATE "C")
        AND NOT EXISTS (SELECT 1 FROM unnest($7::text[], $8::text[], $9::boolean[]) AS c(field, pattern, is_negated)
          WHERE (coalesce(CASE c.field ${casesOf(names, (name) => textOf(kind, name))} END, '')
            COLLATE "pg_c_utf8" ILIKE c.pattern) = c.is_negated)
        AND NOT EXISTS (SELECT 1 FROM unnest($10::text[], $11::timestamptz[], $12::boolean[]) AS t(field, at, is_after)
          WHERE CASE WHEN is_after THEN ${timeOf(times)} > t.at ELSE ${timeOf(times)} < t.at END IS NOT TRUE)
      ORDER BY r.place_no, r.place_key COLLATE "C" LIMIT $5)
    SELECT (SELECT count(*)::int FROM accounts) AS looked, (SELECT max(account_no) FROM accounts) AS highest,
      (SELECT count(*)::int FROM hits) AS found,
      CASE WHEN $6 THEN (SELECT json_agg(json_build_object('no', place_no, 'key', place_key, 'cells', cells)
        ORDER BY place_no, place_key COLLATE "C") FROM hits) END AS rows`;
}

const timeOf = (times: readonly string[]): string =>
  `CASE t.field ${casesOf(times, (name) => `r."${name}"`)} END`;
