import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { keysResolvedBy } from '@backhaul/domain';
import type { TicketRequestPayload } from '@backhaul/messaging';
import { sqlStateOf } from '@backhaul/persistence';
import fc from 'fast-check';
import type { KnownEvent } from '../requests/event-decision.js';
import { buildKnownEvent } from '../testing/builders.js';
import { delivered, RULES_MADE_AT, TestSystem } from '../testing/system.js';
import { TicketDesk } from '../testing/ticket-desk.js';

jest.setTimeout(180_000);
const MINUTE_MS = 60_000;
const ACCOUNTS = 6;
const JOBS = ['a', 'b'];

let system: TestSystem;
beforeAll(async () => {
  system = await TestSystem.start();
  loiter();
});
afterAll(() => system.close());
beforeEach(async () => {
  await system.empty();
  system.clock.set(RULES_MADE_AT);
  await system.unitOfWork.query(`UPDATE listening SET since = now() - interval '1 year'`);
});

/** Between any two statements of a transaction the others have time to get in. */
function loiter(): void {
  const run = system.unitOfWork.run.bind(system.unitOfWork);
  jest.spyOn(system.unitOfWork, 'run').mockImplementation((work) =>
    run((tx) =>
      work({
        manager: tx.manager,
        query: async <R>(sql: string, params?: unknown[]): Promise<R[]> => {
          for (let more = Math.floor(Math.random() * 8); more > 0; more -= 1) await tx.query('SELECT 1');
          return tx.query<R>(sql, params);
        },
      }),
    ),
  );
}

const deadlocks = async (): Promise<number> => {
  const rows = await system.unitOfWork.query<{ deadlocks: string }>(
    'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
  );
  return Number(rows[0]?.deadlocks);
};

/** As the consumer does with what lost a race: once more. */
async function untilDone<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (sqlStateOf(error) !== '40001') throw error;
    }
  }
}

/** What people would read, had the outbox been published: in the order of transaction ids. */
async function deskOf(events: ReadonlyMap<string, KnownEvent>): Promise<TicketDesk> {
  const desk = new TicketDesk();
  for (const event of events.values()) desk.heard(event.eventId, keysResolvedBy(event)[0]);
  for (const { topic, payload } of await system.outbox()) {
    if (topic.startsWith('ticket.requests.')) desk.take(payload as unknown as TicketRequestPayload);
    const event = events.get(payload['eventId'] as string);
    const isDecision = topic === 'notification.decisions.v1';
    if (isDecision && event?.outcome.severity === 'OK') desk.healed(keysResolvedBy(event)[0]);
  }
  return desk;
}

interface Step {
  isBad: boolean;
  job: string;
  isRepeated: boolean;
}

/** Runs each account's events in order, all accounts and all who look at once; ends well. */
async function race(
  lanes: readonly (readonly Step[])[],
  isSilenced: boolean,
): Promise<Map<string, KnownEvent>> {
  const events = new Map<string, KnownEvent>();
  let running = lanes.length;
  const account = async (accountNo: number, steps: readonly Step[]): Promise<void> => {
    const instance = system.instance();
    for (const { isBad, job, isRepeated } of steps) {
      const type = isBad ? 'backup.failed' : 'backup.completed';
      const event = buildKnownEvent({ accountNo, job, type, receivedAt: system.clock.now().toISOString() });
      events.set(event.eventId, event);
      const batch = isRepeated ? [delivered(event), delivered(event)] : [delivered(event)];
      await untilDone(() => instance.handle(batch));
      if (isRepeated) await untilDone(() => instance.handle(batch));
    }
    running -= 1;
  };
  const looker = async (): Promise<void> => {
    const [due, outages] = [system.dueHandler(), system.outageHandler()];
    while (running > 0) {
      await untilDone(() => due.handle());
      await untilDone(() => outages.handle());
      system.clock.advance(MINUTE_MS / 2);
    }
  };
  /** As if days had gone by since something was heard of that account's problems; who is at work on one is left alone. */
  const silencer = async (): Promise<void> => {
    for (let accountNo = 1; running > 0; accountNo = (accountNo % ACCOUNTS) + 1) {
      for (let more = 0; more < 50; more += 1) await system.unitOfWork.query('SELECT 1');
      await system.unitOfWork.query(
        `WITH silent AS (SELECT incident_key, rule_id FROM raised WHERE account_no = $1 AND site_cust_id IS NOT NULL
           FOR UPDATE SKIP LOCKED)
         UPDATE raised SET heard_at = now() - interval '36 days' FROM silent
          WHERE raised.incident_key = silent.incident_key AND raised.rule_id = silent.rule_id`,
        [accountNo],
      );
    }
  };
  const well = JOBS.map((job) => ({ isBad: false, job, isRepeated: false }));
  await Promise.all([
    ...lanes.map((steps, at) => account(at + 1, [...steps, ...well])),
    ...[1, 2, 3].map(looker),
    ...(isSilenced ? [silencer()] : []),
  ]);
  while ((await system.outageHandler().handle()) > 0);
  return events;
}

describe('many who handle events and many who look for outages, all at once', () => {
  it('ask for one ticket of an outage, for no second one of a problem, and for the end of all, in this order', async () => {
    const step = fc.record({
      isBad: fc.oneof({ weight: 2, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
      job: fc.constantFrom(...JOBS),
      isRepeated: fc.boolean(),
    }); // prettier-ignore
    const lane = fc.array(step, { minLength: 6, maxLength: 12 });
    let outages = 0;
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(lane, { minLength: ACCOUNTS, maxLength: ACCOUNTS }), async (lanes) => {
        await system.empty();
        system.clock.set(RULES_MADE_AT);
        await system.createRule({ siteOutage: { accounts: 2, withinMinutes: 3 } });
        const desk = await deskOf(await race(lanes, (runs += 1) % 2 === 0));
        expect(desk.wrong).toEqual([]);
        expect([...desk.open.keys()]).toEqual([]);
        expect(await system.unitOfWork.query('SELECT 1 FROM raised')).toEqual([]);
        outages += desk.taken.filter(({ subject, intent }) => subject.site && intent === 'resolve').length;
      }),
      { numRuns: 6, endOnFailure: true },
    );
    expect(outages).toBeGreaterThan(0);
    expect(await deadlocks()).toBe(0);
  });
});
