import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { BrandId, CanonicalEvent } from '@backhaul/domain';
import {
  decodeCursor,
  encodeCursor,
  PRINCIPAL_HEADER,
  principalOf,
  programIdentity,
  verifyPrincipal,
} from '@backhaul/http';
import { BRAND, buildKnownEvent, PARTNER } from '../testing/builders.js';
import { type Call, refusals, TestHttp } from '../testing/http.js';
import { RULES_MADE_AT, TestSystem, TOKEN_KEY } from '../testing/system.js';
import { EventLogClient } from './event-log.client.js';
import { PreviewRuleHandler } from './preview-rule.handler.js';

jest.setTimeout(60_000);
const PATH = 'notification-rules/preview';
const SIBLING = '01920000-0000-7000-8000-0000000000b2' as BrandId;
const HOUR_MS = 60 * 60 * 1000;

/** Ingestion as it answers `GET /events`: a page of two hundred, newest first. */
class FakeLog {
  events: CanonicalEvent[] = [];
  asked: URLSearchParams[] = [];
  callers: string[] = [];
  status = 200;
  hangs = false;
  private readonly server: Server = createServer((request, response) => {
    const { partnerId, brandId } = verifyPrincipal(
      TOKEN_KEY,
      String(request.headers[PRINCIPAL_HEADER]),
      'ingestion',
    );
    const { searchParams } = new URL(request.url ?? '', 'http://log');
    this.callers.push(`${partnerId} ${brandId ?? 'all'}`);
    this.asked.push(searchParams);
    const from = Number(decodeCursor(searchParams.get('cursor') ?? encodeCursor([0]))[0]);
    const items = this.events.slice(from, from + 200);
    const nextCursor = from + 200 < this.events.length ? encodeCursor([from + 200]) : null;
    if (this.hangs) return;
    response.writeHead(this.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ items, nextCursor }));
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

const log = new FakeLog();
let system: TestSystem;
let http: TestHttp;
let client: EventLogClient;
beforeAll(async () => {
  system = await TestSystem.start();
  client = new EventLogClient(await log.start(), TOKEN_KEY);
  http = await TestHttp.start(system, { eventLog: client });
});
afterAll(async () => {
  await http.close();
  await system.close();
  log.close();
});
beforeEach(() => {
  Object.assign(log, { events: [], asked: [], callers: [], status: 200, hangs: false });
  system.clock.set(RULES_MADE_AT);
});

const CALLER = principalOf(
  programIdentity({ partnerId: PARTNER, role: 'partner-api', scopes: [], subject: 'key:x' }),
);
const at = (hours: number): string => new Date(Date.parse(RULES_MADE_AT) + hours * HOUR_MS).toISOString();
const rule = (over: object = {}) => ({
  name: 'Tickets',
  action: 'open_connectwise_ticket',
  severities: { ok: false, warning: true, error: true },
  allEventTypes: true,
  ...over,
});
const preview = (over: object = {}, call: Call = {}) =>
  http.call('POST', PATH, { body: { rule: rule(), ...over }, ...call });

describe('the preview of a rule', () => {
  it('counts what it would have acted on, by day and by type, with examples, and changes nothing', async () => {
    log.events = [
      buildKnownEvent({ receivedAt: at(-1), message: 'Disk full' }),
      buildKnownEvent({ receivedAt: at(-2), type: 'backup.completed' }),
      buildKnownEvent({ receivedAt: at(-3), type: 'backup.missed' }),
      buildKnownEvent({ receivedAt: at(-30) }),
      buildKnownEvent({ receivedAt: at(-31), type: 'backup.started', phase: 'started', severity: 'ERROR' }),
    ];
    const { status, body } = await preview({ limit: 2 });
    expect([status, body]).toEqual([200, {
      from: at(-7 * 24), to: at(0), count: 3, held: 0, isComplete: true, lookedDownTo: null,
      byDay: [{ day: '2026-11-19', count: 2 }, { day: '2026-11-18', count: 1 }],
      byEventType: [{ type: 'backup.failed', count: 2 }, { type: 'backup.missed', count: 1 }],
      examples: [
        expect.objectContaining({ eventId: log.events[0]?.eventId, severity: 'ERROR', accountNo: 80202028, message: 'Disk full' }),
        expect.objectContaining({ type: 'backup.missed', hostName: 'ACME-FS01', jobName: 'ACME files' }),
      ],
    }]); // prettier-ignore
    expect(await system.unitOfWork.query('SELECT 1 FROM rules UNION ALL SELECT 1 FROM outbox')).toEqual([]);
  });

  const course = (steps: string, everyHours = 1) =>
    [...steps]
      .map((step, index) => ({ isBad: step === 'F', receivedAt: at((index - steps.length) * everyHours) }))
      .map(({ isBad, receivedAt }) =>
        buildKnownEvent({ receivedAt, ...(!isBad && { type: 'backup.completed', severity: 'OK' }) }),
      )
      .toReversed();

  it.each<[string, object, string, number, number]>([
    ['waits for two in a row', { after: { count: 2 } }, 'F.FF.F.FFF', 3, 4],
    ['waits for ninety minutes', { after: { minutes: 90 } }, 'F.FF.F', 1, 3],
    ['waits for ninety minutes, which are over', { after: { minutes: 90 } }, 'F.F....FFFF', 3, 3],
    ['waits for peace', { flapping: { changes: 4, withinMinutes: 300 } }, 'F.F.F.F', 2, 2],
    ['waits for nothing', {}, 'F.FF.F', 4, 0],
    [
      'waits for others, which is left out',
      { siteOutage: { accounts: 2, withinMinutes: 5 } },
      'F.FF.F',
      4,
      0,
    ],
    [
      'waits for two in a row, then for others',
      { after: { count: 2 }, siteOutage: { accounts: 2, withinMinutes: 5 } },
      'F.FF.F.FFF',
      3,
      4,
    ],
  ])('meets the events in their order where the rule %s', async (_what, options, steps, count, held) => {
    log.events = course(steps);
    const { body } = await preview({ rule: rule(options) });
    expect([body['count'], body['held']]).toEqual([count, held]);
    const [{ type } = { type: '' }] = body['byEventType'] as { type: string }[];
    expect(type).toBe('backup.failed');
  });

  it('looks through page after page, in the name of who asks', async () => {
    log.events = Array.from({ length: 450 }, (_, n) => buildKnownEvent({ receivedAt: at(-1 - n / 100) }));
    await system.unitOfWork.query('INSERT INTO known_brand VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [PARTNER, BRAND, [BRAND]]); // prettier-ignore
    expect((await preview({}, { brandId: BRAND })).body).toMatchObject({ count: 450, isComplete: true });
    expect(log.callers).toEqual(Array.from({ length: 3 }, () => `${PARTNER} ${BRAND}`));
    expect((await preview({}, { brandId: SIBLING })).body['count']).toBe(0);
  });

  it('has the log leave out what a rule of one thing does not mean', async () => {
    const one = {
      severities: { ok: false, warning: false, error: true },
      allEventTypes: false,
      eventTypes: ['backup.failed'],
      scope: { custIds: [34826] },
    };
    await preview({ rule: rule(one), from: at(-2), to: at(-1) });
    expect(Object.fromEntries(log.asked[0] ?? [])).toEqual({
      limit: '200', from: at(-2), to: at(-1), custId: '34826', type: 'backup.failed', severity: 'ERROR',
    }); // prettier-ignore
  });

  it('says down to when it looked where the time is up', async () => {
    log.events = Array.from({ length: 450 }, (_, n) => buildKnownEvent({ receivedAt: at(-1 - n) }));
    const { rules, unitOfWork, clock } = system;
    let pages = 0;
    const slow = { page: (...args: Parameters<EventLogClient['page']>) => {
      if (++pages === 2) clock.advance(9000);
      return client.page(...args);
    } }; // prettier-ignore
    const settings = { ...(await system.createRule()), scope: { brandIds: [], custIds: [], accountNos: [] } };
    const handler = new PreviewRuleHandler(rules, unitOfWork, slow, clock, 5000);
    const found = await handler.handle(CALLER, settings, { from: at(-999), to: at(0) }, 1);
    expect([found.count, found.lookedDownTo, pages]).toEqual([400, log.events[399]?.receivedAt, 2]);
  });

  it('ends in the middle of a page that takes too long', async () => {
    Object.assign(log, { events: [buildKnownEvent()], hangs: true });
    const { rules, unitOfWork, clock } = system;
    const handler = new PreviewRuleHandler(rules, unitOfWork, client, clock, 50);
    const found = await handler.handle(CALLER, await system.createRule(), { from: at(-9), to: at(0) }, 1); // prettier-ignore
    expect([found.count, found.lookedDownTo]).toEqual([0, at(0)]);
  });

  it('is 503 while ingestion does not answer or refuses', async () => {
    log.status = 500;
    expect((await preview()).status).toBe(503);
    const away = new EventLogClient('http://127.0.0.1:1', TOKEN_KEY);
    const elsewhere = await TestHttp.start(system, { eventLog: away });
    expect((await elsewhere.call('POST', PATH, { body: { rule: rule() } })).status).toBe(503);
    await elsewhere.close();
  });

  it.each<[string, object, string]>([
    ['no rule', { rule: undefined }, '400 /rule'],
    ['a rule of no action', { rule: rule({ action: 'shout' }) }, '400 /rule/action'],
    ['a rule that never acts', { rule: rule({ allEventTypes: false }) }, '422 /rule/eventTypes'],
    ['a time that is none', { from: 'yesterday' }, '400 /from'],
    ['a time before its beginning', { from: at(-1), to: at(-2) }, '422 /to'],
    ['what is older than 30 days', { from: at(-31 * 24) }, '422 /from'],
    ['too many examples', { limit: 101 }, '400 /limit'],
  ])('refuses %s with a pointer', async (_what, over, refused) => {
    expect(refusals(await preview(over))).toContain(refused);
    expect(log.asked).toEqual([]);
  });
});
