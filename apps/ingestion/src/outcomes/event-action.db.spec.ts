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
