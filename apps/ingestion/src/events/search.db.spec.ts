import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  type AccountNo, folded, matchesText, systemClock, TEXT_OPERATORS, uuidv7, wholePartner,
} from '@backhaul/domain'; // prettier-ignore
import type { Identity } from '@backhaul/http';
import type { TicketOutcomePayload } from '@backhaul/messaging';
import { type Tx, UnitOfWork } from '@backhaul/persistence';
import pg from 'pg';
import { EventActionRepository } from '../outcomes/event-action.repository.js';
import { ACCOUNT_NO, CUST_ID, Running } from '../testing/running.js';
import { EventFinder } from './event-search.js';
import { patternOf } from './search-pattern.js';

jest.setTimeout(60_000);

interface Found {
  items: { eventId: string; notificationProcessedErrors: { message: string; reason: string }[] }[];
  nextCursor: string | null;
  total?: number;
}

/** By host: each has one event. */
const EVENTS = {
  alpha: { outcome: { status: 'failed', message: 'Disk 100%_full \\ on C:\\' }, job: { jobName: 'Nightly' } },
  beta: { outcome: { status: 'success' }, job: { jobName: 'Täglich GROß' } },
  gamma: { outcome: { status: 'failed', message: '' } },
  delta: { outcome: { status: 'failed', message: 'x' } },
};
type Name = keyof typeof EVENTS;
const ids = new Map<string, string>();
let running: Running;

beforeAll(async () => {
  running = await Running.start();
  for (const [hostName, event] of Object.entries(EVENTS)) {
    const second = hostName === 'delta' ? { accountNo: ACCOUNT_NO + 1 } : undefined;
    const { key } = await running.endpoint('generic', second);
    await running.post(`/ingest/generic/${key}`, JSON.stringify({ ...event, identity: { hostName } }));
    const [row] = await running.query<{ event_id: string }>(
      'SELECT event_id FROM event ORDER BY event_id DESC LIMIT 1',
    );
    ids.set(row?.event_id ?? '', hostName);
  }
  const actions = new EventActionRepository(new UnitOfWork(running.database.dataSource));
  await actions.writeOutcomes([
    outcome('alpha', 'failed', 'not_mapped', 'The PSA refused this: %5'),
    outcome('alpha', 'skipped', 'not_connected', 'No connection to this PSA is set up.'),
    outcome('beta', 'skipped', 'nothing_open', 'Nothing was open that this could resolve.'),
    outcome('gamma', 'pending', 'unreachable', 'The PSA could not be reached; this is tried again'),
    outcome('delta', 'done', 'opened', 'Ticket opened.'),
  ]);
});
afterAll(() => running.close());

const idOf = (name: Name): string => [...ids].find(([, host]) => host === name)?.[0] ?? '';

function outcome(
  name: Name,
  state: TicketOutcomePayload['state'],
  reason: string,
  message: string,
): TicketOutcomePayload {
  const [requestId, ruleId] = [uuidv7(Date.now()), uuidv7(Date.now())];
  const at = new Date().toISOString();
  const about = {
    partnerId: running.partnerId,
    accountNo: ACCOUNT_NO,
    eventId: idOf(name),
    requestId,
    ruleId,
  };
  return {
    ...about,
    provider: 'connectwise',
    state,
    reason,
    message,
    ticketId: null,
    ticketNumber: null,
    at,
  };
}

const search = (body: unknown, who: Partial<Identity> = {}): Promise<Response> =>
  running.apiAs(who, 'POST', '/events/search', body);

async function hosts(answer: Response): Promise<string[]> {
  expect(answer.status).toBe(200);
  const { items } = (await answer.json()) as Found;
  return items.map(({ eventId }) => ids.get(eventId) ?? '?').sort();
}
const found = async (field: string, operator: string, term: unknown): Promise<string[]> =>
  hosts(await search({ all: [{ field, operator, term }] }));

describe('POST /events/search', () => {
  it.each<[string, string, unknown, Name[]]>([
    ['message', 'like', '?*', ['alpha', 'delta']],
    ['message', 'like', '?', ['delta']],
    ['message', 'like', '*', ['alpha', 'beta', 'delta', 'gamma']],
    ['message', 'equals', '', ['beta', 'gamma']],
    ['message', 'like', 'disk*', ['alpha']],
    ['message', 'like', '*0%_F*', ['alpha']],
    ['message', 'like', '*1_0*', []],
    ['message', 'contains', '%', ['alpha']],
    ['message', 'contains', 'c:\\', ['alpha']],
    ['hostName', 'startsWith', 'AL', ['alpha']],
    ['hostName', 'notEquals', 'Alpha', ['beta', 'delta', 'gamma']],
    ['hostName', 'equals', 'alph', []],
    ['job', 'contains', 'TÄGLICH', ['beta']],
    ['job', 'like', '?*', ['alpha', 'beta']],
    ['status', 'equals', 'success', ['beta']],
    ['severity', 'equals', 'error', ['alpha', 'delta', 'gamma']],
    ['type', 'startsWith', 'backup.', ['alpha', 'beta', 'delta', 'gamma']],
    ['accountNo', 'equals', ACCOUNT_NO + 1, ['delta']],
    ['accountNo', 'equals', String(ACCOUNT_NO), ['alpha', 'beta', 'gamma']],
    ['accountNo', 'notEquals', ACCOUNT_NO, ['delta']],
    ['custId', 'startsWith', '348', ['alpha', 'beta', 'delta', 'gamma']],
    ['receivedAt', 'after', '2020-01-01', ['alpha', 'beta', 'delta', 'gamma']],
    ['receivedAt', 'before', '2020-01-01T00:00:00Z', []],
    ['notificationProcessedErrors', 'like', '?*', ['alpha', 'gamma']],
    ['notificationProcessedErrors', 'equals', '', ['beta', 'delta']],
    ['notificationProcessedErrors', 'contains', 'no connection', ['alpha']],
    ['notificationProcessedErrors', 'equals', 'the psa refused this: %5', ['alpha']],
    ['notificationProcessedErrors', 'notEquals', 'No connection to this PSA is set up.', ['beta', 'delta', 'gamma']], // prettier-ignore
  ])('%s %s %p finds %p (F20-F23)', async (field, operator, term, names) => {
    expect(await found(field, operator, term)).toEqual(names);
  });

  it('finds what meets all conditions, and everything without any (F20)', async () => {
    const all = [
      { field: 'severity', operator: 'equals', term: 'ERROR' },
      { field: 'message', operator: 'like', term: '?*' },
      { field: 'hostName', operator: 'notEquals', term: 'delta' },
    ];
    expect(await hosts(await search({ all }))).toEqual(['alpha']);
    expect(await hosts(await search({ all: [] }))).toHaveLength(4);
  });

  it('lists what went wrong with each rule’s action, in its words (F21)', async () => {
    const answer = await running.api('GET', `/events/${idOf('alpha')}/notifications`);
    const { notificationProcessedErrors } = (await answer.json()) as Found['items'][number];
    expect(notificationProcessedErrors.map(({ reason, message }) => [reason, message]).sort()).toEqual([
      ['not_connected', 'No connection to this PSA is set up.'],
      ['not_mapped', 'The PSA refused this: %5'],
    ]);
  });

  it('pages stay as they are while events arrive', async () => {
    const all = [{ field: 'type', operator: 'startsWith', term: 'backup.' }];
    const first = (await (await search({ all, limit: 2 })).json()) as Found;
    const { key } = await running.endpoint('generic', { accountNo: ACCOUNT_NO + 1 });
    await running.post(`/ping/${key}/fail`, 'later');
    const second = (await (await search({ all, limit: 2, cursor: first.nextCursor })).json()) as Found;
    await running.query(`DELETE FROM event WHERE event_id <> ALL($1::uuid[])`, [[...ids.keys()]]);
    const seen = [...first.items, ...second.items].map(({ eventId }) => ids.get(eventId));
    expect(seen).toEqual(['delta', 'gamma', 'beta', 'alpha']);
    expect(second.nextCursor).toBeNull();
  });

  it('GET /events?q= looks in account, host, job and message, with filters and a count (F14)', async () => {
    expect(await hosts(await running.api('GET', '/events?q=disk'))).toEqual(['alpha']);
    expect(await hosts(await running.api('GET', '/events?q=nightl%3F*'))).toEqual([]);
    expect(await hosts(await running.api('GET', `/events?q=${ACCOUNT_NO + 1}`))).toEqual(['delta']);
    expect(await hosts(await running.api('GET', '/events?q=backup.failed&severity=OK'))).toEqual([]);
    const page = await running.api(
      'GET',
      '/events?q=backup.failed&limit=1&total=true&from=2020-01-01T00:00:00Z',
    );
    expect(await page.json()).toMatchObject({ items: [{}], total: 3 });
    expect((await running.api('GET', '/events?q=')).status).toBe(400);
  });

  it('shows nobody what is out of sight: other partners, other accounts', async () => {
    const stranger = { partnerId: uuidv7(1) as Identity['partnerId'] };
    expect(await hosts(await search({ all: [] }, stranger))).toEqual([]);
    const own: Partial<Identity> = { role: 'power-user', accountNo: (ACCOUNT_NO + 1) as AccountNo };
    expect(await hosts(await search({ all: [] }, own))).toEqual(['delta']);
    const problems = { all: [{ field: 'notificationProcessedErrors', operator: 'like', term: '?*' }] };
    expect(await hosts(await search(problems, own))).toEqual([]);
    expect(await hosts(await search(problems, stranger))).toEqual([]);
    const named = { all: [{ field: 'accountNo', operator: 'equals', term: ACCOUNT_NO }] };
    expect(await hosts(await search(named, own))).toEqual([]);
    expect(await hosts(await search(named, stranger))).toEqual([]);
  });
});

it('conditions of event handlers, judged without PostgreSQL, mean what a search means by them (F22, F23)', async () => {
  const texts = ['', 'x', 'Disk 100%_full \\ on C:\\', 'Täglich GROß', 'GROẞ', 'ΟΔΥΣΣΕΥΣ', 'Kelvin K', 'İI', '😀 a?b*c', 'a\nb'];
  const terms = [...texts, '*', '?', '?*', '*ß', 'täg*', '*σ*', '%', '_', '\\', '*?b', 'k', 'i', '??'];
  const cases = TEXT_OPERATORS.flatMap((operator) =>
    texts.flatMap((text) => terms.map((term) => ({ operator, text, term, ...patternOf(operator, term) }))),
  );
  const rows = await running.query<{ is_met: boolean }>(
    `SELECT (c.text COLLATE "pg_c_utf8" ILIKE c.pattern) <> c.is_negated AS is_met
     FROM ROWS FROM (jsonb_to_recordset($1::jsonb) AS (text text, pattern text, "isNegated" boolean)) WITH ORDINALITY
       AS c (text, pattern, is_negated, at) ORDER BY c.at`,
    [JSON.stringify(cases)],
  );
  const differing = cases.filter(
    ({ operator, text, term }, at) => matchesText(operator, folded(text), folded(term)) !== rows[at]?.is_met,
  );
  expect([rows.length, differing]).toEqual([cases.length, []]);
}); // prettier-ignore

describe('a search that is wrong', () => {
  const one = (over: object): object => ({
    all: [{ field: 'message', operator: 'contains', term: 'x', ...over }],
  });
  it.each<[string, unknown, number, string]>([
    ['an unknown field (F20)', one({ field: 'password' }), 400, '/all/0/field'],
    ['an unknown operator (F20)', one({ operator: 'matches' }), 400, '/all/0/operator'],
    ['10 000 asterisks (F22)', one({ operator: 'like', term: '*'.repeat(10_000) }), 400, '/all/0/term'],
    ['no term', { all: [{ field: 'message', operator: 'equals' }] }, 400, '/all/0/term'],
    ['null as a term', one({ term: null }), 400, '/all/0/term'],
    ['an object as a term', one({ term: { $ne: 1 } }), 400, '/all/0/term'],
    ['a word as a number', one({ field: 'accountNo', operator: 'equals', term: 'abc' }), 400, '/all/0/term'],
    ['a word as a time', one({ field: 'receivedAt', operator: 'before', term: 'now' }), 400, '/all/0/term'],
    ['no such day', one({ field: 'receivedAt', operator: 'after', term: '2026-13-41' }), 400, '/all/0/term'],
    ['a text before a text', one({ operator: 'before' }), 422, '/all/0/operator'],
    ['no conditions', {}, 400, '/all'],
    ['conditions that are none', { all: 'x' }, 400, '/all'],
    ['too many conditions', { all: Array.from({ length: 21 }, () => ({})) }, 400, '/all'],
    ['a property that nobody knows', { all: [], any: [] }, 400, '/any'],
    ['a limit out of range', { all: [], limit: 201 }, 400, '/limit'],
    ['a cursor made up', { all: [], cursor: 'abc' }, 400, '/cursor'],
  ])('%s: refused with a pointer', async (_what, body, status, pointer) => {
    const answer = await search(body);
    const { errors } = (await answer.json()) as { errors: { pointer: string }[] };
    expect([answer.status, errors[0]?.pointer]).toEqual([status, pointer]);
  });

  it('quotes and patterns that are long are looked for like other text', async () => {
    const terms = ["'; DROP TABLE event; --", '?*'.repeat(500), `${'*a'.repeat(499)}*`];
    for (const term of terms) expect((await search(one({ operator: 'like', term }))).status).toBe(200);
  });

  it('a window that takes too long is a 503 that says what to do, and nothing hangs', async () => {
    const client = new pg.Client({ connectionString: running.database.url });
    await client.connect();
    try {
      await client.query('BEGIN; LOCK TABLE event IN ACCESS EXCLUSIVE MODE');
      const answer = await search({ all: [] });
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, expect.any(String)]);
      expect(await answer.json()).toMatchObject({
        detail: expect.stringContaining('Narrow it by receivedAt'),
      });
    } finally {
      await client.end();
    }
  });
});

const LONG = uuidv7(2) as Identity['partnerId'];

it('a long log is looked through window by window: a page says how far it came, and the next goes on there', async () => {
  const partnerId = LONG;
  await running.query(
    `INSERT INTO event (event_id, partner_id, dedupe_id, body_hash, account_no, cust_id, bucket, job_hash, occurred_at,
       is_conclusive, is_success, type, severity, body, host_name)
     SELECT ('01900000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, $1, gen_random_uuid(), '', 1, 1, 1, 1, now(),
       false, true, 'backup.succeeded', 'OK', '{"eventId":"x"}', CASE WHEN n = 7 THEN 'needle' ELSE 'hay' END
     FROM generate_series(1, 2500) AS n`,
    [partnerId],
  );
  const finder = new EventFinder(new UnitOfWork(running.database.dataSource), systemClock, -1);
  const conditions = [{ field: 'hostName', operator: 'equals', term: 'needle' } as const];
  const scope = wholePartner(partnerId);
  const first = await finder.find(scope, { conditions }, 50);
  expect(first).toEqual({ eventIds: [], lookedDownTo: '01900000-0000-7000-8000-000000001501' });
  const second = await finder.find(scope, { conditions, beforeId: first.lookedDownTo ?? '' }, 50);
  expect(second.lookedDownTo).toBe('01900000-0000-7000-8000-000000000501');
  const third = await finder.find(scope, { conditions, beforeId: second.lookedDownTo ?? '' }, 50);
  expect(third).toEqual({ eventIds: ['01900000-0000-7000-8000-000000000007'], lookedDownTo: null });
});

/** As if PostgreSQL had all at once no processor left for the second window. */
class SlowSecondWindow extends UnitOfWork {
  private windows = 0;

  override run<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return super.run((tx) =>
      work({
        manager: tx.manager,
        query: (sql, params) => {
          const isSecond = sql.includes('WITH looked') && ++this.windows === 2;
          return isSecond ? tx.query('SELECT pg_sleep(5)') : tx.query(sql, params);
        },
      }),
    );
  }
}

it('a window that takes longer than reckoned is cut off, and the page says down to where it looked', async () => {
  const slow = new SlowSecondWindow(running.database.dataSource);
  const finder = new EventFinder(slow, systemClock, 1000);
  const conditions = [{ field: 'hostName', operator: 'equals', term: 'needle' } as const];
  const found = await finder.find(wholePartner(LONG), { conditions }, 50);
  expect(found).toEqual({ eventIds: [], lookedDownTo: '01900000-0000-7000-8000-000000001501' });
});

it('custId stays a number on each event', async () => {
  const { items } = (await (await search({ all: [], limit: 1 })).json()) as {
    items: { tenant: { customerId: number } }[];
  };
  expect(items[0]?.tenant.customerId).toBe(CUST_ID);
});
