import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { wholePartner } from '@backhaul/domain';
import { eventually } from '@backhaul/testing';
import fc from 'fast-check';
import type { RuleSettings } from '../rules/rule.js';
import { buildKnownEvent, type EventIn, PARTNER } from '../testing/builders.js';
import { inBetween } from '../testing/in-between.js';
import { delivered, RULES_MADE_AT, TestSystem } from '../testing/system.js';
import { startDueTimer } from './due-timer.js';

jest.setTimeout(60_000);
const MINUTE_MS = 60_000;
const NONE = { count: null, minutes: null };

let system: TestSystem;
beforeAll(async () => {
  system = await TestSystem.start();
});
afterAll(() => system.close());
beforeEach(async () => {
  await system.empty();
  system.clock.set(RULES_MADE_AT);
});

const at = (minute: number): string => new Date(Date.parse(RULES_MADE_AT) + minute * MINUTE_MS).toISOString();
const event = (minute: number, over: EventIn = {}) =>
  delivered(buildKnownEvent({ receivedAt: at(minute), ...over }));
const happens = (minute: number, over: EventIn = {}) => system.instance().handle([event(minute, over)]);
const heals = (minute: number) => happens(minute, { type: 'backup.completed' });
const due = (minute: number) => {
  system.clock.set(at(minute));
  return system.dueHandler().handle();
};
const rule = (over: Partial<RuleSettings>) => system.createRule(over);
const silence = (untilMinute: number) =>
  system.changeSilences().create(wholePartner(PARTNER), 'key:test', {
    kind: 'silence',
    scope: { brandIds: [], custIds: [], accountNos: [], hostNames: [], jobNames: [] },
    eventTypes: [],
    startsAt: new Date(at(0)),
    endsAt: new Date(at(untilMinute)),
    weekly: null,
    reason: 'Move',
  });
const beforeQuery = (sql: string, work: () => Promise<void>) =>
  inBetween(system.unitOfWork, (asked) => asked.includes(sql), work);
const intents = async () => (await system.tickets()).map(({ intent }) => intent);
const decisions = async () =>
  (await system.outbox())
    .flatMap(({ payload }) => payload.actions ?? [])
    .map(({ state, reason }) => reason ?? state);

describe('a rule that waits', () => {
  it('opens a ticket after so many failures in a row, and closes it with the first success', async () => {
    await rule({ after: { ...NONE, count: 3 } });
    for (const minute of [1, 2]) await happens(minute);
    await heals(3);
    for (const minute of [4, 5, 6, 7]) await happens(minute);
    await heals(8);
    await happens(9);
    expect(await intents()).toEqual(['raise', 'raise', 'resolve']);
    expect(await decisions()).toEqual([
      'not_yet', 'not_yet', 'not_yet', 'not_yet', 'pending', 'pending', 'pending', 'not_yet',
    ]); // prettier-ignore
  });

  it('counts each job for itself, and each event once however often it comes', async () => {
    await rule({ after: { ...NONE, count: 2 } });
    const [one, other] = [event(1), event(1, { job: 'other' })];
    await system.instance().handle([one, one, other]);
    await system.instance().handle([one, other]);
    expect(await intents()).toEqual([]);
    await happens(2);
    expect(await intents()).toEqual(['raise']);
  });

  it('opens one once the problem lasted so long, though nothing more is heard of it', async () => {
    const { id } = await rule({ after: { ...NONE, minutes: 30 } });
    await happens(1);
    expect(await due(30.99)).toBe(0);
    expect(await due(31)).toBe(1);
    const [ticket] = await system.tickets();
    expect(ticket).toMatchObject({ intent: 'raise', ruleId: id, subject: { eventType: 'backup.failed' } });
    expect(await due(99)).toBe(0);
    await heals(100);
    expect(await intents()).toEqual(['raise', 'resolve']);
  });

  it('opens none for what healed in time', async () => {
    await rule({ after: { ...NONE, minutes: 30 } });
    await happens(1);
    await heals(20);
    expect(await due(99)).toBe(0);
    await happens(100);
    expect(await due(129)).toBe(0);
    expect(await due(130)).toBe(1);
    expect(await intents()).toEqual(['raise']);
  });

  it('neither counts what came late nor takes it for the end', async () => {
    await rule({ after: { ...NONE, count: 2 } });
    await happens(1);
    const late = [buildKnownEvent({ receivedAt: at(2) }), buildKnownEvent({ type: 'backup.completed', receivedAt: at(3) })];
    for (const one of late) await system.instance().handle([delivered(one, true)]);
    expect(await intents()).toEqual([]);
    await happens(4);
    expect(await intents()).toEqual(['raise']);
  }); // prettier-ignore

  it('asks at once where somebody has the event reprocessed', async () => {
    await rule({ after: { ...NONE, count: 5 } });
    const first = event(1);
    await system.instance().handle([first]);
    const operationId = '01920000-0000-7000-8000-00000000000f';
    const again = { ...first, payload: first.payload && { ...first.payload, operationId } };
    await system.instance().handle([{ ...again, envelope: { ...again.envelope, id: operationId } }]);
    expect(await intents()).toEqual(['raise']);
    await heals(2);
    expect(await intents()).toEqual(['raise', 'resolve']);
  });

  it('holds back what flaps until it has settled, and closes in between', async () => {
    await rule({ flapping: { changes: 3, withinMinutes: 60 } });
    await happens(1);
    await heals(2);
    await happens(3);
    await heals(4);
    await happens(5);
    expect(await intents()).toEqual(['raise', 'resolve']);
    // Of the changes at minutes 1 to 5 those of 4 and 5 are too few.
    expect(await due(62.99)).toBe(0);
    expect(await due(63)).toBe(1);
    await heals(70);
    expect(await intents()).toEqual(['raise', 'resolve', 'raise', 'resolve']);
  });

  it('asks by the rule as it is when the time has come', async () => {
    const waiting = await rule({ after: { ...NONE, minutes: 30 } });
    await happens(1);
    const scope = { partnerId: waiting.partnerId, brandId: null, onlyAccountNo: null };
    await system.changeRules.replace(scope, waiting.id, '*', { ...waiting, after: { ...NONE, minutes: 60 } });
    expect(await due(31)).toBe(1);
    expect(await intents()).toEqual([]);
    expect(await due(61)).toBe(1);
    expect(await intents()).toEqual(['raise']);
  });

  it('holds no other rule back', async () => {
    await rule({ after: { ...NONE, count: 9 } });
    await rule({ action: 'open_autotask_ticket' });
    await happens(1);
    await heals(2);
    expect(await intents()).toEqual(['raise', 'resolve']);
  });
});

describe('what has come due', () => {
  it('is asked for once, by however many processes', async () => {
    await rule({ after: { ...NONE, minutes: 5 } });
    const batch = Array.from({ length: 50 }, (_, n) => event(1, { job: `job ${n}` }));
    await system.instance().handle(batch);
    system.clock.set(at(6));
    const handlers = [1, 2, 3, 4].map(() => system.dueHandler());
    const looked = await Promise.all(handlers.map((handler) => handler.handle(20)));
    expect(looked.reduce((sum, count) => sum + count)).toBe(50);
    expect(new Set((await system.tickets()).map(({ incidentKey }) => incidentKey)).size).toBe(50);
    expect(await system.tickets()).toHaveLength(50);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['a rule that waits', () => rule({ after: { ...NONE, minutes: 5 } })],
    ['a silence alone, of which no row is left', () => Promise.all([rule({}), silence(5)])],
  ])('is asked for before its end is told, though the end was met first: %s', async (_what, arrange) => {
    await arrange();
    await happens(1);
    system.clock.set(at(6));
    const instance = system.instance();
    const overtaken = beforeQuery('FROM problem_watch WHERE incident_key', async () => {
      expect(await system.dueHandler().handle()).toBe(1);
    });
    await instance.handle([event(7, { type: 'backup.completed' })]);
    expect(overtaken).toHaveBeenCalled();
    expect(await intents()).toEqual(['raise', 'resolve']);
  });

  it('comes to the same however batches, repeats and looks interleave', async () => {
    const settings: Partial<RuleSettings> = {
      after: { count: 3, minutes: 10 },
      flapping: { changes: 4, withinMinutes: 20 },
    };
    const step = fc.record({ isBad: fc.boolean(), wait: fc.integer({ min: 1, max: 9 }), isRepeated: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        await system.empty();
        system.clock.set(RULES_MADE_AT);
        await rule(settings);
        let minute = 0;
        let last = false;
        for (const { isBad, wait, isRepeated } of steps) {
          minute += wait;
          system.clock.set(at(minute));
          const one = event(minute, { type: isBad ? 'backup.failed' : 'backup.completed' });
          await system.instance().handle(isRepeated ? [one, one] : [one]);
          if (isRepeated) await system.instance().handle([one]);
          await Promise.all([system.dueHandler().handle(), system.dueHandler().handle()]);
          last = isBad;
        }
        // Long after the last event everything has settled: a ticket is open exactly where the problem stands.
        for (const later of [100, 200, 300]) await due(minute + later);
        const open = (await intents()).reduce((isOpen, intent) => {
          if (intent === 'resolve') expect(isOpen).toBe(true);
          return intent === 'raise';
        }, false);
        expect(open).toBe(last);
        const stored = await system.unitOfWork.query('SELECT 1 FROM raised');
        expect(stored).toHaveLength(last ? 1 : 0);
      }),
      { numRuns: 25 },
    );
  }); // prettier-ignore

  it('is found by the timer, which stops at once', async () => {
    await rule({ after: { ...NONE, minutes: 5 } });
    await happens(1);
    system.clock.set(at(6));
    const asked = jest.fn();
    const timer = startDueTimer(system.dueHandler(), asked, 10);
    await eventually(() => expect(asked).toHaveBeenCalled());
    await timer.stop();
    expect(await intents()).toEqual(['raise']);
  });
});
