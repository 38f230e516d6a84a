import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { TicketRequestPayload } from '@backhaul/messaging';
import { buildTicketRequest } from '@backhaul/testing';
import { Logger } from '@nestjs/common';
import { FaultyPsa } from '../testing/faulty-psa.js';
import { TestRest } from '../testing/rest.js';
import { idOf, PARTNER, TestSystem } from '../testing/system.js';

jest.setTimeout(60_000);
Logger.overrideLogger(false);
let system: TestSystem;
let rest: TestRest;
let psa: FaultyPsa;
beforeAll(async () => {
  system = await TestSystem.start();
  rest = await TestRest.start(system);
});
afterAll(async () => {
  await rest.close();
  await system.close();
});
beforeEach(async () => {
  await system.empty();
  psa = new FaultyPsa();
  await system.connect(psa);
  await system.query(
    `INSERT INTO known_account (account_no, partner_id, cust_id, username)
     SELECT no, $1, 34826, 'acme-' || no FROM generate_series(1, 4) no`,
    [PARTNER],
  );
});

/** One problem of an outage that is kept with account 1. */
function problemOf(accountNo: number, accountCount: number): Partial<TicketRequestPayload> {
  const accounts = Array.from({ length: accountCount }, (_, at) => ({ accountNo: at + 1, username: `acme-${at + 1}` })); // prettier-ignore
  const subject = { ...buildTicketRequest().subject, site: { accountNo, accountCount, accounts } };
  return { accountNo: 1, incidentKey: `${PARTNER}/site:34826/${idOf('rule')}`, subject };
}
const ask = (event: string, accountNo: number, accountCount: number) =>
  system.request(event, problemOf(accountNo, accountCount));
const explain = async (event: string, accountNo: number) =>
  (await rest.call('GET', `/internal/explanations?eventId=${idOf(event)}&accountNo=${accountNo}`)).body;

describe('the ticket of a site outage', () => {
  it('is one for all requests that ask for it; each of their events learns of it', async () => {
    await system.foldRequests.handle([ask('one', 1, 3), ask('two', 2, 3), ask('three', 3, 3)]);
    await system.drain();
    const [ticket, ...others] = [...psa.fake.tickets.values()];
    expect(others).toEqual([]);
    expect(ticket?.summary).toContain('Site outage: 3 accounts');
    await system.foldRequests.handle([ask('four', 4, 4)]);
    await system.drain();
    expect(await system.lastOutcomes()).toEqual({
      [idOf('one')]: 'done opened',
      [idOf('two')]: 'done opened',
      [idOf('three')]: 'done opened',
      [idOf('four')]: 'done noted',
    });
    await system.resolve('well', problemOf(2, 0));
    await system.drain();
    expect([...psa.fake.tickets.values()].map(({ isClosed }) => isClosed)).toEqual([true]);
    expect((await system.lastOutcomes())[idOf('well')]).toBe('done resolved');
  });

  it('is found from the events of all its accounts, and stands among problems as one of the customer', async () => {
    await system.foldRequests.handle([ask('one', 1, 2), ask('two', 2, 2)]);
    await system.drain();
    expect(await explain('two', 2)).toMatchObject({
      incidents: [{ ticket: { id: '1' }, commands: [{ kind: 'create' }] }],
    });
    const { body } = await rest.call('GET', '/api/v1/incidents?custId=34826');
    expect(body).toMatchObject({
      items: [{ accountNo: 1, custId: 34826, occurrences: 2, ticket: { id: '1' } }],
    });
  });
});
