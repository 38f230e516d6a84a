import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { ROLES } from '@backhaul/http';
import { backupEvents } from '@backhaul/messaging';
import { eventually, repoRoot } from '@backhaul/testing';
import { ACCOUNT_NO, Running } from '../testing/running.js';
import type { ScheduleOut } from './schedules.types.js';

jest.setTimeout(180_000);
const PATH = `/accounts/${ACCOUNT_NO}/schedule`;
const WEEKLY = { days: ['mon', 'tue'], at: ['22:00'], timeZone: 'Europe/Berlin' };

let running: Running;
let key: string;
beforeAll(async () => {
  running = await Running.start();
  ({ key } = await running.endpoint('generic'));
  await running.post(`/ping/${key}`, '');
});
afterAll(() => running.close());

interface Answer {
  status: number;
  etag: string | null;
  body: ScheduleOut & { errors?: { pointer: string }[] };
}
async function answerOf(response: Promise<Response>): Promise<Answer> {
  const answer = await response;
  return {
    status: answer.status,
    etag: answer.headers.get('etag'),
    body: (await answer.json()) as Answer['body'],
  };
}
const get = (path = PATH): Promise<Answer> => answerOf(running.api('GET', path));
const putAs = (body: unknown, ifMatch?: string): Promise<Answer> =>
  answerOf(
    running.api('PUT', PATH, body, running.partnerId, ifMatch === undefined ? {} : { 'if-match': ifMatch }),
  );
const put = async (body: unknown): Promise<Answer> => putAs(body, (await get()).etag ?? '');
const jobId = async (): Promise<string> =>
  eventually(async () => (await get()).body.jobs[0]?.id ?? false, { timeoutMs: 20_000 });

describe('the schedule of an account (E1, F11)', () => {
  it('is learned by default, and says what is known of its jobs', async () => {
    await jobId();
    const { status, body } = await get();
    expect(status).toBe(200);
    expect(body).toMatchObject({
      accountNo: ACCOUNT_NO,
      mode: 'learned',
      times: null,
      graceMinutes: 360,
      noneRecent: { warnDays: 3, errorDays: 5 },
      neverRunDays: 3,
      stalledHours: 24,
      alarm: { type: 'backup.none_recent', severity: 'WARNING' },
    });
    expect(body.jobs).toMatchObject([
      { agent: 'generic', mode: 'learned', isOwn: false, status: 'waiting', alarm: null },
    ]);
    expect(body.jobs[0]?.why).toContain('Not learned');
  });

  it('is set, says what is expected next and why, and goes back', async () => {
    const id = await jobId();
    const set = await put({ mode: 'set', times: { weekly: WEEKLY }, graceMinutes: 60 });
    expect(set.status).toBe(200);
    expect(set.body).toMatchObject({
      mode: 'set',
      times: { weekly: WEEKLY },
      graceMinutes: 60,
      stalledHours: 24,
    });
    const [job] = set.body.jobs;
    expect(new Date(job?.expectedAt ?? '').toISOString().slice(11)).toMatch(/^2[01]:00:00\.000Z$/);
    expect(Date.parse(job?.alarm?.dueAt ?? '') - Date.parse(job?.expectedAt ?? '')).toBe(3_600_000);
    expect((await get()).body).toEqual(set.body);
    const own = await put({ mode: 'learned', jobs: [{ id, mode: 'set', times: { everyHours: 4 } }] });
    expect(own.body).toMatchObject({
      mode: 'learned',
      jobs: [{ id, mode: 'set', isOwn: true, times: { everyHours: 4 } }],
    });
    const off = await put({ mode: 'off' });
    expect(off.body).toMatchObject({ alarm: null, jobs: [{ alarm: null, expectedAt: null, mode: 'off' }] });
    const due = await running.query('SELECT 1 FROM expectation WHERE account_no = $1 AND due_at IS NOT NULL', [ACCOUNT_NO]); // prettier-ignore
    expect(due).toEqual([]);
    expect((await put({ mode: 'learned' })).body.alarm).not.toBeNull();
  });

  it('wants an If-Match that is current', async () => {
    const { etag } = await get();
    expect((await putAs({ mode: 'learned' })).status).toBe(428);
    expect((await putAs({ mode: 'learned' }, '"old"')).status).toBe(412);
    const both = await Promise.all([0, 1].map(() => putAs({ mode: 'learned' }, etag ?? '')));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
  });

  it.each<[string, unknown, string]>([
    ['nothing', {}, '/mode'],
    ['an unknown mode', { mode: 'guess' }, '/mode'],
    ['a field too much', { mode: 'off', more: 1 }, '/more'],
    ['no days', { mode: 'set', times: { weekly: { ...WEEKLY, days: [] } } }, '/times/weekly/days'],
    [
      'no day of the week',
      { mode: 'set', times: { weekly: { ...WEEKLY, days: ['someday'] } } },
      '/times/weekly/days',
    ],
    ['no time', { mode: 'set', times: { weekly: { ...WEEKLY, at: ['24:00'] } } }, '/times/weekly/at'],
    ['no hours', { mode: 'set', times: { everyHours: 0 } }, '/times/everyHours'],
    ['half a minute', { mode: 'off', graceMinutes: 0.5 }, '/graceMinutes'],
    ['no days at all', { mode: 'off', noneRecent: { warnDays: 0, errorDays: 5 } }, '/noneRecent/warnDays'],
    ['half of two', { mode: 'off', noneRecent: { warnDays: 3 } }, '/noneRecent/errorDays'],
    ['words', { mode: 'off', stalledHours: 'many' }, '/stalledHours'],
    ['a job without id', { mode: 'off', jobs: [{ mode: 'off' }] }, '/jobs/0/id'],
    ['an id that is none', { mode: 'off', jobs: [{ id: 'x', mode: 'off' }] }, '/jobs/0/id'],
  ])('refuses %s with 400 and a pointer', async (_what, body, pointer) => {
    const answer = await putAs(body, '*');
    expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([400, pointer]);
  });

  it.each<[string, object, string]>([
    ['set without times', { mode: 'set' }, '/times'],
    ['set with neither', { mode: 'set', times: {} }, '/times'],
    ['both', { mode: 'set', times: { weekly: WEEKLY, everyHours: 4 } }, '/times'],
    ['times that nobody set', { mode: 'learned', times: { everyHours: 4 } }, '/times'],
    ['a place that is not there', { mode: 'set', times: { weekly: { ...WEEKLY, timeZone: 'Europe/Atlantis' } } }, '/times/weekly/timeZone'],
    ['an error before its warning', { mode: 'off', noneRecent: { warnDays: 5, errorDays: 5 } }, '/noneRecent/errorDays'],
    ['a job of another account', { mode: 'off', jobs: [{ id: '0123456789abcdef', mode: 'off' }] }, '/jobs/0/id'],
  ])('refuses %s with 422 and a pointer', async (_what, body, pointer) => {
    const answer = await putAs(body, '*');
    expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([422, pointer]);
  }); // prettier-ignore

  it('refuses a job that is named twice', async () => {
    const one = { id: await jobId(), mode: 'off' };
    const answer = await putAs({ mode: 'learned', jobs: [one, one] }, '*');
    expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([422, '/jobs/1/id']);
  });

  it('is changed by who may change accounts', async () => {
    const changers = [];
    for (const role of ROLES) {
      const who = { role, accountNo: ACCOUNT_NO as never, subject: `account:${ACCOUNT_NO}` };
      const answer = await running.apiAs(who, 'PUT', PATH, { mode: 'learned' }, { 'if-match': '*' });
      if (answer.status === 200) changers.push(role);
    }
    expect(changers).toEqual([
      'partner-senior-manager', 'partner-senior-it-manager', 'partner-senior-customer-service',
      'partner-customer-service',
    ]); // prettier-ignore
  });

  it.each(['/accounts/x/schedule', '/accounts/0/schedule'])('%s is no address', async (path) =>
    expect((await get(path)).status).toBe(400),
  );
});

describe('the road of what did not come', () => {
  it('leads from its time through the log to Kafka, without anybody else (P8)', async () => {
    await put({ mode: 'set', times: { everyHours: 1 }, graceMinutes: 15 });
    const consumer = running.kafka.kafka.consumer({ groupId: `${running.kafka.prefix}road` });
    const published: string[] = [];
    await consumer.connect();
    await consumer.subscribe({ topics: [running.kafka.prefix + backupEvents.name], fromBeginning: true });
    await consumer.run({ eachMessage: async ({ message }) => void published.push(String(message.value)) });
    try {
      await running.query(
        `UPDATE expectation SET last_run_at = last_run_at - interval '2 h', due_at = now() - interval '45 min'
         WHERE account_no = $1 AND job_hash <> 0`,
        [ACCOUNT_NO],
      );
      await running.query('DELETE FROM ingest_outage');
      const found = await eventually(() => published.find((text) => text.includes('"backup.missed"')) ?? false, { timeoutMs: 40_000 }); // prettier-ignore
      const { event, isLate } = JSON.parse(found) as {
        event: { type: string; tenant: object };
        isLate: boolean;
      };
      expect([event.type, isLate]).toEqual(['backup.missed', false]);
      expect(event.tenant).toMatchObject({ accountNo: ACCOUNT_NO });
      const { body } = await get();
      expect(body.jobs[0]).toMatchObject({ status: 'missed', alarm: null });
      await running.post(`/ping/${key}`, '');
      await eventually(async () => (await get()).body.jobs[0]?.status === 'waiting', { timeoutMs: 20_000 });
    } finally {
      await consumer.disconnect();
    }
  });
});

describe('what an agent says of its next run', () => {
  it('is believed: the report of Duplicati names it', async () => {
    const report = JSON.parse(
      readFileSync(join(repoRoot, 'docs/examples/duplicati-success.json'), 'utf8'),
    ) as {
      Data: object;
      Extra: object;
    };
    const [endsAt, nextAt] = [0, 20].map((hours) => new Date(Date.now() + hours * 3_600_000).toISOString());
    const duplicati = await running.endpoint('duplicati', { accountNo: ACCOUNT_NO + 1 });
    const body = {
      ...report,
      Data: { ...report.Data, BeginTime: endsAt, EndTime: endsAt },
      Extra: { ...report.Extra, 'next-scheduled-run': nextAt },
    };
    await running.post(`/ingest/duplicati/${duplicati.key}`, JSON.stringify(body), { 'content-type': 'application/json' }); // prettier-ignore
    const known = await eventually(
      async () => (await get(`/accounts/${ACCOUNT_NO + 1}/schedule`)).body.jobs[0] ?? false,
      { timeoutMs: 20_000 },
    );
    expect(known).toMatchObject({
      agent: 'duplicati',
      expectedAt: nextAt,
      why: 'Told by the agent with its last run.',
    });
  });
});
