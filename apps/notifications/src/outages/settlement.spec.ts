import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { RuleSettings } from '../rules/rule.js';
import { buildRule } from '../testing/builders.js';
import { SiteWorld } from '../testing/site-world.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const START = Date.UTC(2026, 10, 20, 3);
const OPTION = { accounts: 3, withinMinutes: 10 };
const at = (minute: number): number => START + minute * MINUTE;
const iso = (minute: number): string => new Date(at(minute)).toISOString();

function world(over: Partial<RuleSettings> = {}) {
  const rule = buildRule({ siteOutage: OPTION, ...over });
  const made = new SiteWorld(rule);
  return {
    made,
    rule,
    fails: (accountNo: number, minute: number, job?: string) =>
      made.happens({ accountNo, receivedAt: iso(minute), ...(job !== undefined && { job }) }),
    heals: (accountNo: number, minute: number) =>
      made.happens({ accountNo, receivedAt: iso(minute), type: 'backup.completed' }),
    look: (minute: number) => made.look(at(minute)),
    said: () =>
      made
        .requests()
        .map(({ intent, incidentKey }) => `${intent}${incidentKey.includes('/site:') ? ' outage' : ''}`),
  };
}

describe('an outage of a customer', () => {
  it('is one ticket of all its problems, which names the accounts and closes with the last of them', () => {
    const { made, fails, heals, look, said } = world();
    for (const no of [1, 2, 3]) fails(no, no);
    look(3);
    expect(said()).toEqual([]);
    look(13);
    expect(said()).toEqual(['raise outage', 'raise outage', 'raise outage']);
    expect(new Set(made.requests().map(({ accountNo }) => accountNo))).toEqual(new Set([1]));
    expect(made.requests()[2]?.subject.site).toMatchObject({ accountNo: 3, accountCount: 3 });
    for (const no of [1, 3]) heals(no, 20);
    look(20);
    expect(said()).toHaveLength(3);
    heals(2, 30);
    look(30);
    expect(said().slice(3)).toEqual(['resolve outage']);
    expect(made.site.standing).toBeNull();
  });

  it('keeps what comes while it stands, and what comes again', () => {
    const { made, fails, heals, look, said } = world();
    for (const no of [1, 2, 3]) fails(no, 1);
    look(1);
    look(11);
    fails(4, 60);
    fails(1, 61);
    look(61);
    expect(said()).toEqual(Array.from({ length: 5 }, () => 'raise outage'));
    for (const no of [1, 2, 3]) heals(no, 70);
    look(70);
    expect(made.site.standing).not.toBeNull();
    heals(4, 80);
    look(80);
    expect(said().at(-1)).toBe('resolve outage');
  });

  it('is none where too few accounts fail: each gets its own ticket, and keeps it', () => {
    const { fails, heals, look, said, made } = world();
    fails(1, 1);
    fails(1, 1, 'other');
    fails(2, 2);
    for (const minute of [2, 12, 13]) look(minute);
    expect(said()).toEqual(['raise', 'raise', 'raise']);
    for (const no of [3, 4, 5]) fails(no, 14);
    look(14);
    look(24);
    fails(1, 25);
    expect(said().slice(3)).toEqual(['raise outage', 'raise outage', 'raise outage', 'raise']);
    heals(1, 30);
    look(30);
    expect(said().at(-1)).toBe('resolve');
    expect(made.desk.wrong).toEqual([]);
  });

  it('closes also when the rule wants none any more, or is gone', () => {
    const { made, rule, fails, heals, look, said } = world();
    for (const no of [1, 2, 3]) fails(no, 1);
    look(1);
    look(11);
    made.change({ ...rule, siteOutage: null });
    fails(4, 12);
    fails(1, 12);
    look(12);
    expect(said().slice(3)).toEqual(['raise', 'raise outage']);
    made.change({ ...rule, enabled: false });
    for (const no of [1, 2, 3, 4]) heals(no, 20);
    look(20);
    expect(said().slice(5)).toEqual(['resolve', 'resolve outage']);
  });

  it('counts no problem that something else holds back', () => {
    const { fails, look, said } = world({ after: { count: 2, minutes: null } });
    for (const no of [1, 2, 3]) fails(no, 1);
    for (const no of [1, 2]) fails(no, 5);
    look(5);
    look(15);
    expect(said()).toEqual(['raise', 'raise']);
  });

  it('lets go of a job of which nothing is heard for 35 days, says so, and closes where none is left', () => {
    const { made, fails, heals, look, said } = world();
    for (const no of [1, 2, 3]) fails(no, 1);
    look(1);
    look(11);
    const [later, last] = [20 * DAY / MINUTE, 40 * DAY / MINUTE]; // prettier-ignore
    for (const no of [1, 2]) fails(no, later);
    look(later);
    look(last);
    expect(said().slice(3)).toEqual(['raise outage', 'raise outage']);
    fails(1, last);
    look(last);
    const note = made.requests().at(-1)?.subject.site;
    expect(note).toMatchObject({ accountCount: 2, silent: { days: 35, accounts: [{ accountNo: 3 }] } });
    heals(1, last + 1);
    look(last + 1);
    expect(made.site.standing).not.toBeNull();
    look(last + later);
    const end = made.requests().at(-1);
    expect(end).toMatchObject({ intent: 'resolve', accountNo: 1, subject: { status: 'silent' } });
    expect(end?.subject.site?.silent?.accounts.map(({ accountNo }) => accountNo)).toEqual([2, 3]);
    expect([made.site.standing, made.open()]).toEqual([null, []]);
    fails(3, last + later);
    look(last + later);
    look(last + later + 10);
    expect(said().at(-1)).toBe('raise');
    expect(made.desk.wrong).toEqual([]);
  });

  it('is never over while a problem of it was heard of within 35 days, and always once none was (property)', () => {
    const step = fc.record({
      what: fc.constantFrom('fail', 'fail', 'heal', 'look', 'look'),
      accountNo: fc.integer({ min: 1, max: 4 }),
      job: fc.constantFrom('a', 'b'),
      waitMs: fc.oneof(fc.integer({ min: 0, max: 3 * MINUTE }), fc.integer({ min: 0, max: 20 * DAY })),
    });
    let silentEnds = 0;
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const { made } = world({ siteOutage: { accounts: 2, withinMinutes: 5 } });
        let nowMs = START;
        const lookWell = (): void => {
          const told = made.desk.outages().map((ticket) => [ticket, [...(made.desk.open.get(ticket) ?? [])]] as const);
          made.look(nowMs);
          for (const [ticket, problems] of told.filter(([each]) => !made.desk.open.has(each))) {
            for (const key of problems) expect([ticket, made.heardOf(key) < nowMs - 35 * DAY]).toEqual([ticket, true]);
            silentEnds += Math.sign(problems.length);
          }
        };
        for (const { what, accountNo, job, waitMs } of steps) {
          nowMs += waitMs;
          const receivedAt = new Date(nowMs).toISOString();
          if (what === 'look') lookWell();
          else made.happens({ accountNo, job, receivedAt, type: what === 'fail' ? 'backup.failed' : 'backup.completed' });
        }
        for (const laterMs of [0, 6 * MINUTE, 36 * DAY]) {
          nowMs += laterMs;
          lookWell();
        }
        expect([made.site.standing, made.desk.outages()]).toEqual([null, []]);
        expect(made.desk.wrong).toEqual([]);
      }),
      { numRuns: 400 },
    );
    expect(silentEnds).toBeGreaterThan(50);
  }); // prettier-ignore

  it('has lost its way in no order of failures, heals, looks and changes of the rule (model)', () => {
    const step = fc.record({
      what: fc.oneof(
        { weight: 10, arbitrary: fc.constantFrom('fail', 'fail', 'fail', 'heal') },
        { weight: 5, arbitrary: fc.constant('look') },
        { weight: 1, arbitrary: fc.constantFrom('on', 'on', 'off', 'gone') },
      ),
      accountNo: fc.integer({ min: 1, max: 5 }),
      job: fc.constantFrom('a', 'b'),
      waitMs: fc.integer({ min: 0, max: 3 * MINUTE }),
    });
    let outages = 0;
    const history = fc.array(step, { maxLength: 60, size: 'max' });
    fc.assert(
      fc.property(history, fc.boolean(), (steps, hasAfter) => {
        const after = hasAfter ? { count: 2, minutes: null } : null;
        const { made, rule } = world({ after, siteOutage: { accounts: 2, withinMinutes: 5 } });
        let nowMs = START;
        const meets = (accountNo: number, job: string, isBad: boolean): void => {
          const receivedAt = new Date(nowMs).toISOString();
          made.happens({ accountNo, job, receivedAt, type: isBad ? 'backup.failed' : 'backup.completed' });
        };
        for (const { what, accountNo, job, waitMs } of steps) {
          nowMs += waitMs;
          if (what === 'fail' || what === 'heal') meets(accountNo, job, what === 'fail');
          else if (what === 'look') made.look(nowMs);
          else if (what === 'gone') made.change({ ...rule, enabled: false });
          else made.change(what === 'on' ? rule : { ...rule, siteOutage: null });
          expect(made.desk.outages().length).toBeLessThanOrEqual(1);
        }
        // It stands long enough: all that wait are told somewhere.
        made.change(rule);
        for (const later of [0, 6]) made.look((nowMs += later * MINUTE));
        const told = [...made.desk.open.values()].flatMap((problems) => [...problems]).sort();
        expect(told).toEqual(made.open().map(({ incidentKey }) => incidentKey).sort()); // prettier-ignore
        for (const accountNo of [1, 2, 3, 4, 5]) for (const job of ['a', 'b']) meets(accountNo, job, false);
        made.look(nowMs);
        expect([...made.desk.open.keys()]).toEqual([]);
        expect(made.open()).toEqual([]);
        expect(made.desk.wrong).toEqual([]);
        outages += made
          .requests()
          .filter(({ intent, subject }) => subject.site && intent === 'resolve').length;
      }),
      { numRuns: 600 },
    );
    expect(outages).toBeGreaterThan(100);
  });
});
