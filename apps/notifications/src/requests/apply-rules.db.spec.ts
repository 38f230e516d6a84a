import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type PartnerId, wholePartner } from '@backhaul/domain';
import { PoisonError } from '@backhaul/messaging';
import fc from 'fast-check';
import pg from 'pg';
import { buildKnownEvent, PARTNER } from '../testing/builders.js';
import { delivered, TestSystem } from '../testing/system.js';
import { RaisedRepository } from './raised.repository.js';

jest.setTimeout(60_000);

let system: TestSystem;
beforeAll(async () => {
  system = await TestSystem.start();
});
afterAll(() => system.close());
beforeEach(() => system.empty());

describe('ApplyRulesHandler', () => {
  it('publishes what was decided, then what is asked for, each with who caused it', async () => {
    const rule = await system.createRule();
    await system.createRule({ action: 'sync_autotask' });
    const event = buildKnownEvent();
    expect(await system.instance().handle([delivered(event)])).toBe(1);
    const rows = await system.outbox();
    expect(rows.map(({ topic, key }) => [topic, key])).toEqual([
      ['notification.decisions.v1', '80202028'],
      ['ticket.requests.connectwise.v1', '80202028'],
      ['sync.requests.autotask.v1', `${PARTNER}:34826`],
    ]);
    expect(rows[0]?.payload).toMatchObject({
      eventId: event.eventId,
      accountNo: 80202028,
      partnerId: PARTNER,
    });
    expect(rows[0]?.payload.actions).toHaveLength(2);
    expect(rows[1]?.payload).toMatchObject({ ruleId: rule.id, intent: 'raise' });
    for (const { headers } of rows)
      expect(headers).toMatchObject({ 'causation-id': event.eventId, 'partner-id': PARTNER });
  });

  it('says of an event that no rule matches that nothing follows', async () => {
    await system.instance().handle([delivered(buildKnownEvent())]);
    const rows = await system.outbox();
    expect(rows.map(({ topic }) => topic)).toEqual(['notification.decisions.v1']);
    expect(rows[0]?.payload.actions).toEqual([]);
  });

  it('acts once on an event that is delivered again, to this or another instance, or twice in one batch', async () => {
    await system.createRule();
    const [one, other] = [delivered(buildKnownEvent()), delivered(buildKnownEvent({ job: 'b' }))];
    const instance = system.instance();
    expect(await instance.handle([one, one])).toBe(1);
    expect(await instance.handle([one, other])).toBe(1);
    expect(await system.instance().handle([one, other])).toBe(0);
    expect(await system.outbox()).toHaveLength(4);
  });

  it('ends a problem in a later batch, on another instance, though its rule is gone by then', async () => {
    const rule = await system.createRule();
    await system.instance().handle([delivered(buildKnownEvent())]);
    await system.changeRules.remove(wholePartner(PARTNER), rule.id, '*');
    await system.instance().handle([delivered(buildKnownEvent({ type: 'backup.completed' }))]);
    expect((await system.tickets()).map(({ intent, ruleName }) => [intent, ruleName])).toEqual([
      ['raise', rule.name],
      ['resolve', rule.name],
    ]);
    expect(await system.unitOfWork.query('SELECT 1 FROM raised')).toEqual([]);
  });

  it('has a rule in force on every instance as soon as it is created, changed or removed (F9)', async () => {
    const instances = [system.instance(), system.instance()];
    const reach = async () => {
      const counts = [];
      for (const instance of instances) {
        const before = (await system.tickets()).length;
        await instance.handle([delivered(buildKnownEvent({ job: `job ${Math.random()}` }))]);
        counts.push((await system.tickets()).length - before);
      }
      return counts;
    };
    expect(await reach()).toEqual([0, 0]);
    const rule = await system.createRule();
    expect(await reach()).toEqual([1, 1]);
    await system.changeRules.replace(wholePartner(PARTNER), rule.id, '*', { ...rule, enabled: false });
    expect(await reach()).toEqual([0, 0]);
    await system.changeRules.replace(wholePartner(PARTNER), rule.id, '*', { ...rule, enabled: true });
    expect(await reach()).toEqual([1, 1]);
    await system.changeRules.remove(wholePartner(PARTNER), rule.id, '*');
    expect(await reach()).toEqual([0, 0]);
  });

  it('misses no rule although another change of rules commits later with an earlier beginning', async () => {
    const instance = system.instance();
    await system.createRule({ name: 'first' });
    let third: Promise<unknown> = Promise.resolve();
    await system.unitOfWork.run(async (tx) => {
      await system.createRuleWithin(tx, { name: 'second' });
      // This change must wait for the second one: it cannot become visible before it.
      third = system.createRule({ name: 'third' });
      await instance.handle([delivered(buildKnownEvent())]);
    });
    await third;
    await instance.handle([delivered(buildKnownEvent({ job: 'b' }))]);
    expect((await system.tickets()).map(({ ruleName }) => ruleName).sort()).toEqual([
      'first',
      'first',
      'second',
      'third',
    ]);
  });

  it('applies no rule of another partner', async () => {
    const other = '01920000-0000-7000-8000-000000000002' as PartnerId;
    await system.createRule({}, other);
    await system
      .instance()
      .handle([delivered(buildKnownEvent()), delivered(buildKnownEvent({ partnerId: other }))]);
    expect((await system.tickets()).map(({ partnerId }) => partnerId)).toEqual([other]);
  });

  it('leaves nothing behind where it fails half-way, and acts when the batch comes again', async () => {
    await system.createRule();
    class FailsOnce extends RaisedRepository {
      private failures = 1;
      override async write(...args: Parameters<RaisedRepository['write']>): Promise<void> {
        await super.write(...args);
        if (this.failures-- > 0) throw new Error('connection lost');
      }
    }
    const instance = system.instance(new FailsOnce());
    const batch = [delivered(buildKnownEvent())];
    await expect(instance.handle(batch)).rejects.toThrow('connection lost');
    expect(await system.outbox()).toEqual([]);
    expect(await instance.handle(batch)).toBe(1);
    expect(await system.outbox()).toHaveLength(2);
  });

  it.each([
    ['has no account', buildKnownEvent({}), { tenant: { ...buildKnownEvent().tenant, accountNo: null } }],
    ['is of a type that this version does not know', buildKnownEvent({}), { type: 'backup.teleported' }],
    ['is of a type that only looks like one', buildKnownEvent({}), { type: 'constructor' }],
  ])('sets an event aside that %s', async (_what, event, over) => {
    const bad = delivered({ ...event, ...over } as typeof event);
    await expect(system.instance().handle([bad])).rejects.toThrow(PoisonError);
  });

  it('takes a batch of 500 events in a handful of statements', async () => {
    await system.createRule();
    await system.createRule({ action: 'sync_connectwise' });
    const batch = Array.from({ length: 500 }, (_, index) =>
      delivered(buildKnownEvent({ job: `job ${index}`, accountNo: 80_000_000 + (index % 50) })),
    );
    const healed = batch.map(({ payload }) => {
      const event = payload?.event as ReturnType<typeof buildKnownEvent>;
      return delivered({
        ...event,
        ...buildKnownEvent({
          type: 'backup.completed',
          job: event.job.nativeJobId ?? '',
          accountNo: event.tenant.accountNo,
        }),
      });
    });
    const instance = system.instance();
    const query = jest.spyOn(pg.Client.prototype, 'query');
    await instance.handle(batch);
    const statements = query.mock.calls.length;
    await instance.handle(healed);
    const statementsToHeal = query.mock.calls.length - statements;
    query.mockRestore();
    // The first batch reads rules, brands, silences and event handlers.
    expect(statements).toBeLessThanOrEqual(13);
    expect(statementsToHeal).toBeLessThanOrEqual(11);
    expect(await system.tickets()).toHaveLength(1000);
    expect(await system.unitOfWork.query('SELECT 1 FROM raised')).toEqual([]);
  });

  it('asks for the same whatever the batches are, and however often they come', async () => {
    await system.createRule();
    const kinds = [
      'backup.failed',
      'backup.completed',
      'backup.completed_warnings',
      'backup.none_recent',
    ] as const;
    const step = fc.record({
      type: fc.constantFrom(...kinds),
      job: fc.constantFrom('a', 'b'),
      isLate: fc.boolean(),
      endsBatch: fc.boolean(),
      isRepeated: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 10 }), async (steps) => {
        const events = steps.map(({ type, job, isLate }) =>
          delivered(buildKnownEvent({ type, job }), isLate),
        );
        await system.unitOfWork.query('TRUNCATE raised, inbox, outbox');
        const oneByOne = system.instance();
        for (const event of events) await oneByOne.handle([event]);
        const expected = (await system.outbox()).map(({ id }) => id);

        await system.unitOfWork.query('TRUNCATE raised, inbox, outbox');
        const inBatches = system.instance();
        let batch: typeof events = [];
        for (const [index, event] of events.entries()) {
          batch.push(event);
          if (!steps[index]?.endsBatch && index < events.length - 1) continue;
          await inBatches.handle(batch);
          if (steps[index]?.isRepeated) await inBatches.handle(batch);
          batch = [];
        }
        expect((await system.outbox()).map(({ id }) => id)).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });
});
