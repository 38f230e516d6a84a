import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { type PartnerId, uuidv7, wholePartner } from '@backhaul/domain';
import type { TicketOutcomePayload } from '@backhaul/messaging';
import { UnitOfWork } from '@backhaul/persistence';
import { testDatabase, type TestDatabase } from '@backhaul/testing';
import { MIGRATIONS } from '../migrations.js';
import { EventActionRepository } from './event-action.repository.js';

jest.setTimeout(60_000);

let database: TestDatabase;
let actions: EventActionRepository;
const partnerId = uuidv7(Date.now()) as PartnerId;

beforeAll(async () => {
  database = await testDatabase({ migrations: MIGRATIONS });
  actions = new EventActionRepository(new UnitOfWork(database.dataSource));
});
afterAll(() => database.close());

const none = { message: null, ticketId: null, ticketNumber: null };
type Ids = Pick<TicketOutcomePayload, 'eventId' | 'requestId' | 'ruleId'>;
/** Refused at noon, because the customer was not mapped; the ticket itself was opened an hour before. */
const outcomeOf = (ids: Ids, state: 'failed' | 'done'): TicketOutcomePayload => ({
  ...none,
  ...ids,
  partnerId,
  accountNo: 80202028,
  provider: 'connectwise',
  state,
  reason: state === 'failed' ? 'unmapped_customer' : 'opened',
  at: state === 'failed' ? '2026-11-21T12:00:00.000Z' : '2026-11-21T11:00:00.000Z',
});

it.each([
  ['failed', 'done'],
  ['done', 'failed'],
] as const)('what is %s and then %s ends as done, whatever the times say', async (first, second) => {
  const [eventId, requestId, ruleId] = [uuidv7(Date.now()), uuidv7(Date.now()), uuidv7(Date.now())];
  const ids = { eventId, requestId, ruleId };
  await actions.writeOutcomes([outcomeOf(ids, first)]);
  await actions.writeOutcomes([outcomeOf(ids, second)]);
  await actions.writeOutcomes([outcomeOf(ids, first), outcomeOf(ids, second)]);
  const { actions: said } = await actions.notificationsOf(wholePartner(partnerId), eventId);
  expect(said.map(({ state, reason }) => [state, reason])).toEqual([['done', 'opened']]);
});

it('a rule’s mail is pending until it is told to be sent or refused, which is a problem; repeats change nothing', async () => {
  const eventId = uuidv7(Date.now());
  const at = '2026-11-21T12:00:00.000Z';
  const ids = () => ({ requestId: uuidv7(Date.now()), ruleId: uuidv7(Date.now()) });
  const [sent, refused] = [ids(), ids()];
  const asked = { ruleName: 'Mail', action: 'email', state: 'pending', reason: null, message: null } as const;
  const account = { eventId, partnerId, accountNo: 80202028, at };
  await actions.writeDecisions([
    {
      ...account,
      actions: [
        { ...sent, ...asked },
        { ...refused, ...asked },
      ],
    },
  ]);
  expect((await actions.notificationsOf(wholePartner(partnerId), eventId)).state).toBe('accepted');
  const outcomes = [
    { ...account, ...sent, state: 'done', reason: 'sent', message: 'Sent to 1 address.' },
    { ...account, ...refused, state: 'failed', reason: 'bounced', message: 'The mail was refused.' },
  ] as const;
  await actions.writeMailOutcomes(outcomes);
  await actions.writeMailOutcomes([...outcomes, ...outcomes]);
  const told = await actions.notificationsOf(wholePartner(partnerId), eventId);
  expect(told.state).toBe('processed');
  const saidOf = (ruleId: string) => told.actions.find((action) => action.ruleId === ruleId);
  expect(saidOf(sent.ruleId)).toMatchObject({
    action: 'email',
    ruleName: 'Mail',
    state: 'done',
    reason: 'sent',
  });
  expect(told.notificationProcessedErrors).toMatchObject([
    { ruleId: refused.ruleId, message: 'The mail was refused.' },
  ]);
});

it.each(['merged', 'moved', 'child'])(
  'what people did to a ticket (%s) is done, and stands among what to look into (E64)',
  async (reason) => {
    const [eventId, requestId, ruleId] = [uuidv7(Date.now()), uuidv7(Date.now()), uuidv7(Date.now())];
    const done = outcomeOf({ eventId, requestId, ruleId }, 'done');
    await actions.writeOutcomes([{ ...done, reason, message: 'Take it out of the bundle.' }]);
    const { actions: said, notificationProcessedErrors } = await actions.notificationsOf(
      wholePartner(partnerId),
      eventId,
    );
    expect(said).toMatchObject([{ state: 'done', reason }]);
    expect(notificationProcessedErrors).toMatchObject([{ message: 'Take it out of the bundle.', reason }]);
  },
);

/** Reads one after the other; something is written behind the first. */
class InterruptedReads extends UnitOfWork {
  private before: Promise<unknown> | null = null;

  constructor(private readonly interrupt: () => Promise<void>) {
    super(database.dataSource);
  }

  override query<R>(sql: string, params?: unknown[]): Promise<R[]> {
    const before = this.before;
    const read = async (): Promise<R[]> => {
      await before;
      const rows = await super.query<R>(sql, params);
      if (!before) await this.interrupt();
      return rows;
    };
    const reading = read();
    this.before = reading;
    return reading;
  }
}

it('an event whose decision comes while it is read does not look processed without what was decided', async () => {
  const [eventId, requestId, ruleId] = [uuidv7(Date.now()), uuidv7(Date.now()), uuidv7(Date.now())];
  const asked = {
    requestId,
    ruleId,
    ruleName: 'Sync',
    action: 'sync_connectwise',
    state: 'pending',
  } as const;
  const decide = () =>
    actions.writeDecisions([
      { eventId, partnerId, accountNo: 80202028, at: '2026-11-21T12:00:00.000Z', actions: [{ ...asked, reason: null, message: null }] },
    ]); // prettier-ignore
  const told = await new EventActionRepository(new InterruptedReads(decide)).notificationsOf(
    wholePartner(partnerId),
    eventId,
  );
  expect(told.state).toBe('accepted');
  expect(await actions.notificationsOf(wholePartner(partnerId), eventId)).toMatchObject({ state: 'accepted', actions: [{ state: 'pending' }] }); // prettier-ignore
});
