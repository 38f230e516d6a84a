import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type AccountNo, systemClock, uuidv7, wholePartner } from '@backhaul/domain';
import type { Identity } from '@backhaul/http';
import { auditEntries } from '@backhaul/messaging';
import { UnitOfWork } from '@backhaul/persistence';
import { eventually } from '@backhaul/testing';
import { ACCOUNT_NO, Running } from '../testing/running.js';
import { EventExport } from './event-export.js';
import { EventFinder } from './event-search.js';

jest.setTimeout(60_000);

const BULK = uuidv7(9) as Identity['partnerId'];
let running: Running;
beforeAll(async () => {
  running = await Running.start();
  const { key } = await running.endpoint('generic');
  const { key: second } = await running.endpoint('generic', { accountNo: ACCOUNT_NO + 1 });
  const event = (hostName: string, message: string): string =>
    JSON.stringify({ outcome: { status: 'failed', message }, identity: { hostName } });
  await running.post(`/ingest/generic/${key}`, event('alpha', '=cmd|"/c calc"!A1'));
  await running.post(`/ingest/generic/${second}`, event('beta', 'a, "b"\nc'));
  await running.query(
    `INSERT INTO event (event_id, partner_id, dedupe_id, body_hash, account_no, cust_id, bucket, job_hash, occurred_at,
       is_conclusive, is_success, type, severity, body, message)
     SELECT ('01900000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, $1, gen_random_uuid(), '', 1, 1, 1, 1, now(),
       false, true, 'backup.completed', 'OK', '{}', repeat('m', 1500)
     FROM generate_series(1, 12000) AS n`,
    [BULK],
  );
});
afterAll(() => running.close());

const download = (query: string, who: Partial<Identity> = {}): Promise<Response> =>
  running.apiAs(who, 'GET', `/events.csv${query}`);
const hostsIn = (csv: string): string[] => [...csv.matchAll(/alpha|beta/g)].map(([host]) => host);

describe('GET /events.csv', () => {
  it('is a file with a header, newest first; what reads as a formula is none', async () => {
    const answer = await download('');
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(answer.headers.get('content-disposition')).toMatch(
      /^attachment; filename="events-all-\d{4}-\d\d-\d\d\.csv"$/,
    );
    const csv = await answer.text();
    expect(csv).toContain('"\'=cmd|""/c calc""!A1"');
    expect(csv).toContain('"a, ""b""\nc"');
    expect(hostsIn(csv)).toEqual(['beta', 'alpha']);
    expect(csv.split('\r\n')[0]).toMatch(/^eventId,receivedAt,.*,notificationProcessedErrors$/);
    expect(csv.endsWith('\r\n')).toBe(true);
    expect(csv).not.toContain('END');
  });

  it('takes the filters of the list, and keeps to the scope', async () => {
    expect(hostsIn(await (await download(`?accountNo=${ACCOUNT_NO}`)).text())).toEqual(['alpha']);
    expect(
      hostsIn(await (await download('?q=bet*&severity=ERROR&from=2020-01-01T00:00:00Z')).text()),
    ).toEqual([]);
    expect(hostsIn(await (await download('?q=*bet*&type=backup.failed')).text())).toEqual(['beta']);
    const own: Partial<Identity> = { role: 'power-user', accountNo: ACCOUNT_NO as AccountNo };
    expect(hostsIn(await (await download('', own)).text())).toEqual(['alpha']);
    expect(
      hostsIn(await (await download('', { partnerId: uuidv7(1) as Identity['partnerId'] })).text()),
    ).toEqual([]);
    const narrow = { brandId: uuidv7(2) as Identity['brandId'] };
    expect(hostsIn(await (await download('', narrow)).text())).toEqual([]);
  });

  it('stands in the audit trail as an export, with its filters', async () => {
    const { kafka, prefix } = running.kafka;
    const consumer = kafka.consumer({ groupId: `${prefix}spec` });
    const entries: string[] = [];
    await consumer.connect();
    await consumer.subscribe({ topics: [prefix + auditEntries.name], fromBeginning: true });
    await consumer.run({ eachMessage: async ({ message }) => void entries.push(String(message.value)) });
    await download('?q=audited');
    await eventually(() => entries.some((entry) => entry.includes('audited')));
    await consumer.disconnect();
    const entry = JSON.parse(entries.find((each) => each.includes('audited')) ?? '') as object;
    expect(entry).toMatchObject({ action: 'event.export', subject: 'key:test', detail: { q: 'audited' } });
  });

  it.each(['?limit=5', '?cursor=x', '?severity=BAD', '?accountNo=abc', '?from=yesterday', '?q='])(
    '%s is a 400, not a file',
    async (query) => {
      const answer = await download(query);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([
        400,
        expect.stringContaining('problem+json'),
      ]);
    },
  );

  it('a cut file says so in its last record, and from where on', async () => {
    const unitOfWork = new UnitOfWork(running.database.dataSource);
    const finder = new EventFinder(unitOfWork, systemClock);
    const linesWith = async (events: number, workMs: number): Promise<string[]> => {
      const made = new EventExport(unitOfWork, finder, systemClock, { records: events, workMs });
      const chunks: string[] = [];
      for await (const chunk of made.lines(wholePartner(BULK), { conditions: [] })) chunks.push(chunk);
      return chunks.join('').trimEnd().split('\r\n');
    };
    const cut = await linesWith(1200, 60_000);
    expect([cut.length, cut.at(-1)]).toEqual([
      1202,
      expect.stringMatching(/^END,not all: limit of 1200 events,missing: older than 2024-\S+Z,{9}$/),
    ]);
    expect((await linesWith(12_000, 60_000)).at(-1)).toMatch(/^01900000-0000-7000-8000-000000000001,/);
    expect((await linesWith(12_000, -1)).at(-1)).toMatch(/^END,not all: time is up/);
  });

  it('waits for a reader that does not read, and ends when that one leaves', async () => {
    const { port } = new URL(running.url);
    const { headers } = await sampleRequest();
    const slow = connect(Number(port), '127.0.0.1');
    slow.pause();
    slow.write(`GET /api/v1/events.csv HTTP/1.1\r\nHost: x\r\n${headers}\r\n\r\n`);
    const active = (): Promise<{ n: number }[]> =>
      running.query("SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query LIKE '%looked%' AND pid <> pg_backend_pid()"); // prettier-ignore
    await eventually(async () => expect((await active())[0]?.n).toBe(0));
    slow.destroy();
    // Places for readers are few: those who left gave theirs back.
    for (let round = 0; round < 5; round += 1) {
      const answer = await download('', { partnerId: BULK });
      expect(answer.status).toBe(200);
      expect((await answer.text()).split('\r\n')).toHaveLength(12_002);
    }
  });
});

/** The header that names the caller of the many events. */
async function sampleRequest(): Promise<{ headers: string }> {
  const { programIdentity, signPrincipal } = await import('@backhaul/http');
  const { TOKEN_KEY } = await import('../testing/running.js');
  const role = 'partner-senior-manager';
  const identity = programIdentity({ partnerId: BULK, role, scopes: [], subject: 'key:test' });
  return { headers: `x-backhaul-principal: ${signPrincipal(TOKEN_KEY, identity, 'ingestion')}` };
}
