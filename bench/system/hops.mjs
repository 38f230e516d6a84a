/** Where the time between an event and its ticket goes, read from what each service wrote down on the way. */
import pg from 'pg';

async function rowsOf(url, sql, params = []) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(sql, params);
  await client.end();
  return rows;
}

/** The milliseconds in a UUID of version 7. */
const timeOf = (uuid) => Number.parseInt(uuid.replaceAll('-', '').slice(0, 12), 16);

const median = (list) => {
  const sorted = list.filter(Number.isFinite).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
};

/** Median milliseconds of each leg. `dueAt` and `createdAt` are by job. */
export async function hops(system, dueAt, createdAt) {
  const incidents = await rowsOf(
    system.databaseUrl('ticketing-connectwise'),
    `SELECT i.opened_event_id AS event, i.subject::json ->> 'jobName' AS job, min(b.at) AS begun, i.opened_at AS folded,
            min(c.sent_at) AS sent, min(c.finished_at) AS recorded
     FROM incident i JOIN command c ON c.incident_id = i.incident_id AND c.kind = 'create'
     JOIN command_request r USING (command_id) JOIN inbox b ON b.id = r.request_id GROUP BY i.incident_id`,
  );
  const ruled = new Map(
    (await rowsOf(system.databaseUrl('notifications'), 'SELECT id, at FROM inbox')).map((row) => [
      row.id,
      row.at,
    ]),
  );
  const ours = incidents.filter(({ job }) => dueAt.has(job) && createdAt.has(job));
  const leg = (from, to) => median(ours.map((one) => to(one) - from(one)));
  const due = ({ job }) => dueAt.get(job);
  const received = ({ event }) => timeOf(event);
  const applied = ({ event }) => Number(ruled.get(event));
  const at = (name) => (one) => Number(one[name]);
  const created = ({ job }) => createdAt.get(job);
  return {
    'due → received': leg(due, received),
    'received → rules begin': leg(received, applied),
    'rules begin → fold begins': leg(applied, at('begun')),
    'fold begins → folded': leg(at('begun'), at('folded')),
    'folded → marked': leg(at('folded'), at('sent')),
    'marked → at the PSA': leg(at('sent'), created),
    'at the PSA → recorded': leg(created, at('recorded')),
  };
}
