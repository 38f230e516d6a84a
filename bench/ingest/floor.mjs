/**
 * The floor: bare node:http and pg. It parses the report, hashes it, and writes it by the same group commit:
 * two slots, at most 200 rows, one named INSERT .. SELECT FROM unnest(..). Report and event are as many bytes as
 * ingestion's, stored without compression as there; two indexes against its five.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import pg from 'pg';

const { DATABASE_URL, BODY_BYTES = '2200' } = process.env;
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 2, options: '-c synchronous_commit=on' });
await pool.query(`CREATE TABLE IF NOT EXISTS floor_event (
  id uuid PRIMARY KEY, dedupe text NOT NULL UNIQUE, account bigint, at timestamptz, type text, body text NOT NULL, raw text NOT NULL)`);
// As ingestion stores them: PostgreSQL would press the filler into nothing.
await pool.query('ALTER TABLE floor_event ALTER body SET STORAGE EXTERNAL, ALTER raw SET STORAGE EXTERNAL');
const SQL = `INSERT INTO floor_event SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::timestamptz[], $5::text[], $6::text[], $7::text[])
  ON CONFLICT DO NOTHING RETURNING id`;

let queue = [];
let busy = 0;

async function write() {
  busy += 1;
  const group = queue.splice(0, 200).sort((a, b) => (a.dedupe < b.dedupe ? -1 : 1));
  const column = (name) => group.map((row) => row[name]);
  const values = ['id', 'dedupe', 'account', 'at', 'type', 'body', 'raw'].map(column);
  try {
    await pool.query({ name: 'floor', text: SQL, values });
    for (const row of group) row.answer(200);
  } catch {
    for (const row of group) row.answer(503);
  }
  busy -= 1;
  next();
}

function next() {
  while (queue.length > 0 && busy < 2) void write();
}

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const raw = Buffer.concat(chunks).toString();
    const report = JSON.parse(raw);
    const dedupe = createHash('sha256').update(raw).digest('hex');
    // What is stored beside the report is as long as the canonical event.
    const body = JSON.stringify({ report, filler: 'x'.repeat(Math.max(0, Number(BODY_BYTES) - raw.length)) });
    const answer = (status) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end('{}');
    };
    queue.push({
      id: randomUUID(),
      dedupe,
      account: 80202028,
      at: new Date(),
      type: 'backup.failed',
      body,
      raw,
      answer,
    });
    setImmediate(next);
  });
});
server.listen(Number(process.env.PORT), '127.0.0.1', () => process.stdout.write('ready\n'));
process.on('SIGTERM', () => process.exit(0));
