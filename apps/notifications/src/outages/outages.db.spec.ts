import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { uuidFrom, wholePartner } from '@backhaul/domain';
import { KnownAccountRepository } from '../accounts/known-account.repository.js';
import type { RuleSettings } from '../rules/rule.js';
import { buildKnownEvent, CUSTOMER, type EventIn, PARTNER } from '../testing/builders.js';
import { inBetween } from '../testing/in-between.js';
import { delivered, RULES_MADE_AT, TestSystem } from '../testing/system.js';

jest.setTimeout(60_000);
const MINUTE_MS = 60_000;
const OPTION = { accounts: 3, withinMinutes: 10 };

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
const event = (minute: number, accountNo: number, over: EventIn = {}) =>
  delivered(buildKnownEvent({ receivedAt: at(minute), accountNo, ...over }));
const fails = (minute: number, ...accountNos: number[]) =>
  system.instance().handle(accountNos.map((no) => event(minute, no)));
const heals = (minute: number, ...accountNos: number[]) =>
  system.instance().handle(accountNos.map((no) => event(minute, no, { type: 'backup.completed' })));
/** As the timer looks: for what has come due, then for outages. */
async function look(minute: number): Promise<void> {
  system.clock.set(at(minute));
  await system.dueHandler().handle();
  await system.outageHandler().handle();
}
const rule = (over: Partial<RuleSettings> = {}) => system.createRule({ siteOutage: OPTION, ...over });
const said = async () =>
  (await system.tickets()).map(
    ({ intent, incidentKey }) => `${intent}${incidentKey.includes('/site:') ? ' outage' : ''}`,
  );
const actions = async () =>
  (await system.outbox())
    .flatMap(({ payload }) => payload.actions ?? [])
    .map(({ state, reason }) => reason ?? state);
const left = async () => {
  const [row] = await system.unitOfWork.query<{ count: number }>(
    `SELECT (SELECT count(*) FROM raised) + (SELECT count(*) FROM problem_watch) + (SELECT count(*) FROM site_leaver)
       + (SELECT count(*) FROM site_outage WHERE standing IS NOT NULL) AS count`,
  );
  return Number(row?.count);
};
const scope = wholePartner(PARTNER);
const OUTAGE = ['raise outage', 'raise outage', 'raise outage'];

describe('an outage of a customer', () => {
  it('is asked for by the requests that waited, all of one ticket, kept with the account that failed first', async () => {
    const { id } = await rule();
    await system.unitOfWork.query(
      `INSERT INTO known_account (partner_id, account_no, username) VALUES ($1, 2, 'acme-two')`,
      [PARTNER],
    );
    await fails(2, 2);
    await fails(3, 1, 3);
    await look(3);
    expect(await said()).toEqual([]);
    expect(await actions()).toEqual(['gathering', 'gathering', 'gathering']);
    await look(13);
    const tickets = await system.tickets();
    expect(await said()).toEqual(OUTAGE);
    for (const one of tickets) {
      expect(one).toMatchObject({ accountNo: 2, custId: CUSTOMER, ruleId: id });
      expect(one.requestId).toBe(uuidFrom(one.eventId, id, 'connectwise'));
      expect(one.subject.site).toMatchObject({
        accountCount: 3,
        accounts: [{ accountNo: 1, username: null }, { accountNo: 2, username: 'acme-two' }, { accountNo: 3, username: null }],
      }); // prettier-ignore
    }
    expect(new Set(tickets.map(({ incidentKey }) => incidentKey)).size).toBe(1);
    const keys = (await system.outbox()).filter(({ topic }) => topic.startsWith('ticket.requests')).map(({ key }) => key); // prettier-ignore
    expect(new Set(keys)).toEqual(new Set(['2']));
    await heals(20, 1, 2);
    await look(20);
    expect(await said()).toEqual(OUTAGE);
    await heals(21, 3);
    await look(21);
    expect(await said()).toEqual([...OUTAGE, 'resolve outage']);
    expect((await actions()).slice(3)).toEqual(['site_outage', 'site_outage', 'site_outage']);
    expect(await left()).toBe(0);
  });

  it('takes what comes while it stands and asks for nothing twice, however often events come', async () => {
    await rule();
    const first = [1, 2, 3].map((no) => event(1, no));
    for (let repeat = 0; repeat < 2; repeat += 1) await system.instance().handle([...first, ...first]);
    await look(1);
    await look(11);
    const late = event(30, 4);
    for (let repeat = 0; repeat < 2; repeat += 1) {
      await system.instance().handle([late, ...first]);
      await look(30);
    }
    expect(await said()).toEqual([...OUTAGE, 'raise outage']);
    await heals(40, 1, 2, 3, 4);
    for (let looks = 0; looks < 2; looks += 1) await look(40);
    expect((await said()).slice(4)).toEqual(['resolve outage']);
    expect(await left()).toBe(0);
  });

  it('opens anew after it was over', async () => {
    await rule();
    for (const minute of [1, 100]) {
      await fails(minute, 1, 2, 3);
      await look(minute);
      await look(minute + 10);
      await heals(minute + 20, 1, 2, 3);
      await look(minute + 20);
    }
    expect(await said()).toEqual([...OUTAGE, 'resolve outage', ...OUTAGE, 'resolve outage']);
  });

  it('is no matter of other customers, nor of other rules', async () => {
    await rule();
    await rule({ action: 'open_autotask_ticket', siteOutage: { accounts: 2, withinMinutes: 10 } });
    await system.instance().handle([event(1, 1), event(1, 2), event(1, 3, { custId: 99 })]);
    await look(1);
    await look(11);
    const tickets = await system.tickets();
    const ofOutages = tickets.filter(({ subject }) => subject.site);
    expect(new Set(ofOutages.map(({ incidentKey }) => incidentKey)).size).toBe(1);
    expect([tickets.length, ofOutages.length]).toEqual([6, 2]);
    await heals(20, 1, 2);
    await system.instance().handle([event(20, 3, { custId: 99, type: 'backup.completed' })]);
    await look(20);
    expect(await left()).toBe(0);
  });

  it('closes though its rule was removed', async () => {
    const { id } = await rule();
    await fails(1, 1, 2, 3);
    await look(1);
    await look(11);
    await system.changeRules.remove(scope, id, '*');
    await heals(20, 1, 2, 3);
    await look(20);
    expect(await said()).toEqual([...OUTAGE, 'resolve outage']);
    expect(await left()).toBe(0);
  });

  it('lets go what waits once the rule wants none, and drops it with the rule', async () => {
    const made = await rule();
    await fails(1, 1, 2);
    await look(1);
    await system.changeRules.replace(scope, made.id, '*', { ...made, siteOutage: null });
    await look(11);
    expect(await said()).toEqual(['raise', 'raise']);
    await system.empty();
    const { id } = await rule();
    await fails(1, 1, 2);
    await look(1);
    await system.changeRules.remove(scope, id, '*');
    await look(11);
    expect(await said()).toEqual([]);
  });

  it('counts nothing that a silence holds until it lets go, and takes it then', async () => {
    await rule();
    await system.changeSilences().create(scope, 'key:test', {
      kind: 'maintenance',
      scope: { brandIds: [], custIds: [CUSTOMER], accountNos: [], hostNames: [], jobNames: [] },
      eventTypes: [],
      startsAt: new Date(at(0)),
      endsAt: new Date(at(60)),
      weekly: null,
      reason: 'Move',
    });
    await fails(1, 1, 2);
    await fails(40, 3);
    await look(50);
    expect(await said()).toEqual([]);
    await look(60);
    await look(69);
    expect(await said()).toEqual([]);
    await look(70);
    expect(await said()).toEqual(OUTAGE);
    await heals(80, 1, 2, 3);
    await look(80);
    expect(await said()).toEqual([...OUTAGE, 'resolve outage']);
  });

  it('stands for no account that is gone', async () => {
    await rule();
    await fails(1, 1, 2, 3);
    await look(1);
    await look(11);
    await heals(12, 1, 2);
    await look(12);
    const accounts = new KnownAccountRepository(system.database.dataSource);
    await system.unitOfWork.run((tx) => accounts.putAcrossTenants(tx, new Map([['3', null]])));
    await look(13);
    expect(await said()).toEqual([...OUTAGE, 'resolve outage']);
    expect(await left()).toBe(0);
  });

  it('takes what somebody has reprocessed, and no second ticket is opened', async () => {
    await rule();
    await fails(1, 1, 2, 3);
    await look(1);
    await look(11);
    const operationId = '01920000-0000-7000-8000-00000000000f';
    await system.instance().handle([delivered(buildKnownEvent({ receivedAt: at(0), accountNo: 4 }), false, operationId)]); // prettier-ignore
    await look(12);
    expect(await said()).toEqual([...OUTAGE, 'raise outage']);
    expect((await system.tickets()).at(-1)).toMatchObject({ operationId });
  });
});

describe('a problem of an outage of which nothing is heard', () => {
  /** So long ago something was last heard of that account's problems. */
  const silence = (accountNo: number, days: number) =>
    system.unitOfWork.query(
      `UPDATE raised SET heard_at = heard_at - $2 * interval '1 day' WHERE account_no = $1`,
      [accountNo, days],
    );
  const listening = (sinceDays: number, lastHours: number) =>
    system.unitOfWork.query(
      `UPDATE listening SET since = now() - $1 * interval '1 day', last_at = now() - $2 * interval '1 hour'`,
      [sinceDays, lastHours],
    );
  beforeEach(() => listening(400, 2));
  const outageOf = async (...events: ReturnType<typeof event>[]): Promise<string> => {
    const { id } = await rule();
    await system.instance().handle(events);
    await look(1);
    await look(11);
    expect(await said()).toEqual(OUTAGE);
    return id;
  };
  const failing = () => [1, 2, 3].map((no) => event(1, no));
  const lastSite = async () => (await system.tickets()).at(-1)?.subject.site;

  it('for 35 days counts no more: the ticket names it with the next word, and closes when it was the last', async () => {
    await outageOf(...failing());
    await silence(3, 36);
    await silence(2, 34);
    await look(12);
    expect(await said()).toEqual(OUTAGE);
    await fails(13, 1);
    await look(13);
    expect(await lastSite()).toMatchObject({ accountCount: 2, silent: { days: 35, accounts: [{ accountNo: 3 }] } });
    await heals(14, 1);
    await look(14);
    await silence(2, 2);
    await look(15);
    expect(await said()).toEqual([...OUTAGE, 'raise outage', 'resolve outage']);
    expect((await system.tickets()).at(-1)).toMatchObject({ intent: 'resolve', subject: { status: 'silent' } });
    expect((await lastSite())?.silent?.accounts.map(({ accountNo }) => accountNo)).toEqual([2, 3]);
    expect(await left()).toBe(0);
    await look(16);
    expect(await said()).toHaveLength(5);
    await fails(17, 3);
    await look(17);
    await look(27);
    expect((await said()).at(-1)).toBe('raise');
  }); // prettier-ignore

  it.each<[string, (id: string) => Promise<unknown>]>([
    ['fails again', () => fails(20, 3)],
    ['begins a run', () => system.instance().handle([event(20, 3, { type: 'backup.started', phase: 'started' })])],
    ['runs', () => system.instance().handle([event(20, 3, { type: 'backup.started', phase: 'progress' })])],
    ['fails, though the rule is gone', async (id) => {
      await system.changeRules.remove(scope, id, '*');
      await fails(20, 3);
    }],
    ['fails within a maintenance window', async () => {
      const place = { brandIds: [], custIds: [CUSTOMER], accountNos: [], hostNames: [], jobNames: [] };
      const window = { kind: 'maintenance', scope: place, eventTypes: [], weekly: null, reason: 'Move' } as const;
      await system.changeSilences().create(scope, 'key:test', { ...window, startsAt: new Date(at(12)), endsAt: new Date(at(60)) });
      await fails(20, 3);
    }],
  ])('and that %s holds the ticket open', async (_what, happens) => {
    const id = await outageOf(...failing());
    await heals(12, 1, 2);
    await look(12);
    await silence(3, 36);
    await happens(id);
    await look(20);
    expect(await said()).not.toContain('resolve outage');
    await heals(30, 3);
    await look(30);
    expect((await said()).at(-1)).toBe('resolve outage');
    expect(await left()).toBe(0);
  }); // prettier-ignore

  it.each([
    ['less than 35 days since it began', 34, 0],
    ['again only since now, after two days away', 400, 49],
  ])('holds it open where this service has listened for %s', async (_what, sinceDays, lastHours) => {
    await outageOf(...failing());
    await listening(sinceDays, lastHours);
    for (const no of [1, 2, 3]) await silence(no, 100);
    for (const minute of [12, 13]) await look(minute);
    expect(await said()).toEqual(OUTAGE);
    await listening(36, 23);
    await look(14);
    expect((await said()).at(-1)).toBe('resolve outage');
  });

  it.each(['backup.none_recent', 'quota.exceeded', 'agent.offline'] as const)(
    'that is %s holds it open, for nothing but its end will tell of it again',
    async (type) => {
      await outageOf(event(1, 1), event(1, 2), event(1, 3, { type }));
      for (const no of [1, 2, 3]) await silence(no, 1000);
      await look(12);
      await look(13);
      expect(await said()).toEqual(OUTAGE);
      expect(await system.unitOfWork.query('SELECT 1 FROM raised')).toHaveLength(1);
    },
  );

  it('is not let go of while an event of it is at work, and begins anew where it was', async () => {
    await outageOf(...failing());
    await heals(12, 1, 2);
    await look(12);
    await silence(3, 36);
    const met = inBetween(
      system.unitOfWork,
      (sql) => sql.includes('SET heard_at = now() FROM'),
      async () => {
        await look(13);
        expect((await said()).at(-1)).toBe('resolve outage');
      },
    );
    await fails(13, 3);
    expect(met).toHaveBeenCalled();
    expect((await actions()).at(-1)).toBe('gathering');
    await look(13);
    expect((await said()).at(-1)).toBe('resolve outage');
    await look(23);
    expect((await said()).at(-1)).toBe('raise');
    await system.unitOfWork.query(`UPDATE raised SET site_cust_id = $1`, [CUSTOMER]);
    await silence(3, 36);
    await system.unitOfWork.run(async (tx) => {
      await tx.query('UPDATE raised SET heard_at = now()');
      await look(24);
    });
    expect(await system.unitOfWork.query('SELECT 1 FROM raised')).toHaveLength(1);
  });
});

describe('what has the ticket of an outage asked for', () => {
  it('does it again where the process dies before the end, and once', async () => {
    await rule();
    await fails(1, 1, 2, 3);
    await look(1);
    system.clock.set(at(11));
    const run = system.unitOfWork.run.bind(system.unitOfWork);
    const spy = jest.spyOn(system.unitOfWork, 'run').mockImplementationOnce((work) =>
      run(async (tx) => {
        await work(tx);
        throw new Error('killed');
      }),
    );
    await expect(system.outageHandler().handle()).rejects.toThrow('killed');
    spy.mockRestore();
    expect(await said()).toEqual([]);
    await look(11);
    await look(11);
    expect(await said()).toEqual(OUTAGE);
  });

  it('tells the end of one outage before the beginning of the next, though the next was asked for first', async () => {
    await rule({ siteOutage: { accounts: 2, withinMinutes: 10 } });
    await fails(1, 1, 2);
    await look(1);
    await look(11);
    await heals(20, 1, 2);
    const asked = [3, 4].map((no) => delivered(buildKnownEvent({ accountNo: no, receivedAt: at(19) }), false, uuidFrom(`asked ${no}`))); // prettier-ignore
    const handler = system.outageHandler();
    const overtaken = inBetween(
      system.unitOfWork,
      (sql) => sql.includes('INSERT INTO site_outage'),
      async () => {
        await look(20);
        expect((await said()).at(-1)).toBe('resolve outage');
        await system.instance().handle(asked);
      },
    );
    await handler.handle();
    expect(overtaken).toHaveBeenCalled();
    const outage = 'raise outage';
    expect(await said()).toEqual([outage, outage, 'resolve outage', outage, outage]);
  });

  it('leaves a customer to who is at work on it', async () => {
    await rule();
    await fails(1, 1, 2, 3);
    await look(1);
    system.clock.set(at(11));
    const [handler, other] = [system.outageHandler(), system.outageHandler()];
    const met = inBetween(
      system.unitOfWork,
      (sql) => sql.includes('FROM problem_watch\n        WHERE (rule_id'),
      async () => expect(await other.handle()).toBe(0),
    );
    expect(await handler.handle()).toBe(1);
    expect(met).toHaveBeenCalled();
    expect(await said()).toEqual(OUTAGE);
  });

  it('leaves a problem that came while it looked to the next look', async () => {
    await rule();
    await fails(1, 1, 2, 3);
    await look(1);
    system.clock.set(at(11));
    const met = inBetween(
      system.unitOfWork,
      (sql) => sql.includes('FROM problem_watch\n        WHERE (rule_id'),
      async () => void (await fails(10, 4)),
    );
    const handler = system.outageHandler();
    expect(await handler.handle()).toBe(1);
    expect(met).toHaveBeenCalled();
    expect(await said()).toEqual(OUTAGE);
    expect(await handler.handle()).toBe(1);
    expect(await said()).toEqual([...OUTAGE, 'raise outage']);
  });
});
