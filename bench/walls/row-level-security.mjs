/** What the second wall costs: the same statements for a partner with and without row-level security, in pairs. */
import pg from 'pg';

const PARTNERS = 20;
const EVENTS = 100_000;
const PAIRS = 300;

const STATEMENTS = {
  'one event by its id': `SELECT body FROM event WHERE partner_id = $1 AND event_id = $2`,
  'a page of 50, newest first': `SELECT body FROM event WHERE partner_id = $1 AND event_id <= $2 AND bucket IS NOT NULL ORDER BY event_id DESC LIMIT 50`,
  'a count to 5,000': `SELECT count(*) FROM (SELECT 1 FROM event WHERE partner_id = $1 AND event_id <= $2 LIMIT 5000) counted`,
};

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

async function connect(connectionString, options) {
  const client = new pg.Client({ connectionString, options });
  // Whatever fails first is told; the end of its database is not.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function fill(owner) {
  const { rows } = await owner.query(
    `WITH p AS (SELECT n, gen_random_uuid() AS id FROM generate_series(1, ${PARTNERS}) n),
     made AS (
       INSERT INTO event (event_id, partner_id, dedupe_id, body_hash, account_no, bucket, job_hash, occurred_at, is_conclusive, is_success, type, severity, body)
       SELECT uuidv7(), p.id, gen_random_uuid(), '', 1, 0, e.n, now(), true, true, 'backup.completed', 'OK', repeat('x', 1500)
       FROM generate_series(1, ${EVENTS / PARTNERS}) AS e(n), p RETURNING partner_id, event_id)
     SELECT partner_id, max(event_id::text) AS event_id FROM made GROUP BY partner_id`,
  );
  await owner.query('ANALYZE event');
  return rows[0];
}

/** Answers lines for the report. `ownerUrl` passes by the policies, `serviceUrl` does not. */
export async function measureRowLevelSecurity({ ownerUrl, serviceUrl }) {
  const owner = await connect(ownerUrl);
  const { partner_id: partner, event_id: event } = await fill(owner);
  const walled = await connect(serviceUrl, `-c role=backhaul_runtime -c app.partner=${partner}`);
  const lines = [];
  for (const [what, sql] of Object.entries(STATEMENTS)) {
    const timed = async (client) => {
      const from = performance.now();
      await client.query({ name: what, text: sql, values: [partner, event] });
      return performance.now() - from;
    };
    const times = { with: [], without: [] };
    for (let pair = 0; pair < PAIRS; pair += 1) {
      // In turn, and each first as often as the other.
      const both = [() => timed(walled).then((ms) => times.with.push(ms)), () => timed(owner).then((ms) => times.without.push(ms))]; // prettier-ignore
      for (const one of pair % 2 ? both : both.toReversed()) await one();
    }
    const [on, off] = [median(times.with), median(times.without)];
    const ratio = median(times.with.map((ms, pair) => ms / times.without[pair]));
    lines.push(`${what}: ${on.toFixed(2)} ms with, ${off.toFixed(2)} ms without, ratio of pairs ${ratio.toFixed(2)}`); // prettier-ignore
  }
  await Promise.all([owner.end(), walled.end()]);
  return lines;
}
