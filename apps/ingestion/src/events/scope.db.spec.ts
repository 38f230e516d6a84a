import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { type AccountNo, type BrandId, systemClock, uuidv7 } from '@backhaul/domain';
import type { Identity } from '@backhaul/http';
import {
  accountsAccounts,
  accountsBrands,
  accountsCustomers,
  Publisher,
  type Topic,
  toRecord,
} from '@backhaul/messaging';
import { eventually } from '@backhaul/testing';
import { ACCOUNT_NO, CUST_ID, Running } from '../testing/running.js';

jest.setTimeout(60_000);
const [root, north, south] = [1, 2, 3].map(() => uuidv7(Date.now()) as BrandId) as [
  BrandId,
  BrandId,
  BrandId,
];
const NORTH: Partial<Identity> = { brandId: north };
const SOUTH: Partial<Identity> = { brandId: south };
/** What a caller may list; `total` is asked for where it can be. */
const LISTS = ['/events?total=true', '/endpoints?total=true', '/unassigned-results?total=true'];

let running: Running;
let publisher: Publisher;
beforeAll(async () => {
  running = await Running.start();
  publisher = new Publisher(running.kafka.kafka, { prefix: running.kafka.prefix });
});
afterAll(async () => {
  await publisher.close();
  await running.close();
});

async function tell<P extends object>(topic: Topic<P>, payload: P): Promise<void> {
  const { partnerId } = running;
  const id = uuidv7(Date.now());
  const occurredAt = systemClock.now().toISOString();
  await publisher.send([
    toRecord(topic, payload, { id, occurredAt, partnerId, correlationId: id, causationId: null }),
  ]);
}
const brand = (brandId: BrandId, path: BrandId[]): Promise<void> =>
  tell(accountsBrands, {
    partnerId: running.partnerId,
    brandId,
    parentId: path.at(-2) ?? null,
    name: 'B',
    path,
  });
const customerIn = (brandId: BrandId): Promise<void> =>
  tell(accountsCustomers, { partnerId: running.partnerId, custId: CUST_ID, brandId, name: 'ACME' });

async function seen(who: Partial<Identity>, path: string): Promise<unknown> {
  const answer = await running.apiAs(who, 'GET', path);
  const { items, total } = (await answer.json()) as { items: object[]; total: number };
  return [answer.status, items.length, total];
}

it('a moved customer leaves the old brand’s lists, counts and addresses, and enters the new one’s (A18, A19)', async () => {
  await brand(root, [root]);
  await brand(north, [root, north]);
  await brand(south, [root, south]);
  await customerIn(north);
  const endpoint = await running.endpoint('duplicati');
  const ofCustomer = await running.endpoint('generic', { custId: CUST_ID });
  await running.post(`/ping/${endpoint.key}/fail`, '');
  await running.post(`/ping/${ofCustomer.key}/fail`, '');
  await eventually(async () => {
    expect(await seen(NORTH, LISTS[0] ?? '')).toEqual([200, 1, 1]);
  });
  expect(await seen(NORTH, LISTS[1] ?? '')).toEqual([200, 2, 2]);
  expect(await seen(NORTH, LISTS[2] ?? '')).toEqual([200, 1, 1]);
  for (const path of LISTS) expect(await seen(SOUTH, path)).toEqual([200, 0, 0]);

  const [event] = await running.query<{ event_id: string }>(
    'SELECT event_id FROM event WHERE account_no IS NOT NULL',
  );
  const [waiting] = await running.query<{ event_id: string }>(
    'SELECT event_id FROM event WHERE account_no IS NULL',
  );
  const ones: [string, string, object?][] = [
    ['GET', `/events/${event?.event_id ?? ''}`],
    ['GET', `/events/${event?.event_id ?? ''}/notifications`],
    ['GET', `/endpoints/${endpoint.id}`],
    ['GET', `/endpoints/${ofCustomer.id}/snippets`],
    ['POST', `/endpoints/${endpoint.id}/rotate`],
    ['DELETE', `/endpoints/${endpoint.id}`],
    ['POST', '/endpoints', { agent: 'restic', accountNo: ACCOUNT_NO }],
    ['POST', '/endpoints', { agent: 'restic', custId: CUST_ID }],
    ['POST', `/unassigned-results/${waiting?.event_id ?? ''}/assign`, { accountNo: ACCOUNT_NO }],
    ['POST', `/unassigned-results/${waiting?.event_id ?? ''}/discard`],
  ];
  for (const [method, path, body] of ones)
    expect([path, (await running.apiAs(SOUTH, method, path, body)).status]).toEqual([path, 404]);

  await customerIn(south);
  await eventually(async () => {
    for (const path of LISTS) expect(await seen(NORTH, path)).toEqual([200, 0, 0]);
  });
  expect(await seen(SOUTH, LISTS[0] ?? '')).toEqual([200, 1, 1]);
  // A subtree that moves takes its customers along without a word about these.
  await brand(south, [root, north, south]);
  await eventually(async () => {
    expect(await seen(NORTH, LISTS[0] ?? '')).toEqual([200, 1, 1]);
  });
});

it('an end user sees the events of the own account, and nothing else', async () => {
  const own: Partial<Identity> = { role: 'power-user', accountNo: ACCOUNT_NO as AccountNo };
  const other: Partial<Identity> = { role: 'power-user', accountNo: (ACCOUNT_NO + 1) as AccountNo };
  expect(await seen(own, LISTS[0] ?? '')).toEqual([200, 1, 1]);
  expect(await seen(other, LISTS[0] ?? '')).toEqual([200, 0, 0]);
  for (const path of LISTS.slice(1)) expect((await running.apiAs(own, 'GET', path)).status).toBe(403);
});

it('an account that is not known here yet belongs to no brand’s view', async () => {
  const { partnerId } = running;
  await tell(accountsAccounts, {
    partnerId,
    accountNo: 80299999,
    custId: 99,
    brandId: null,
    username: 'x',
    hostName: null,
  });
  await eventually(async () => {
    expect(await running.query('SELECT 1 FROM account WHERE account_no = 80299999')).toHaveLength(1);
  });
  const stranger = { agent: 'restic', accountNo: 80299999 };
  expect((await running.apiAs(NORTH, 'POST', '/endpoints', stranger)).status).toBe(404);
});
