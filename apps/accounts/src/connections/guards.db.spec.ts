import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import type { AccountNo } from '@backhaul/domain';
import type { Identity } from '@backhaul/http';
import { type Method, TestRest } from '../testing/rest.js';

jest.setTimeout(60_000);
let rest: TestRest;
beforeAll(async () => {
  rest = await TestRest.start();
});
afterAll(() => rest.close());

const CHANGES: [Method, string, object?][] = [
  [
    'PUT',
    'psa/autotask/connection',
    { username: 'api@example.test', password: 'p', trackingIdentifier: 't' },
  ],
  ['DELETE', 'psa/autotask/connection'],
];
const manager = { subject: 'account:80202029', accountNo: 80202029 as AccountNo };
const now = (): number => Math.floor(Date.now() / 1000);
const typeOf = async (
  [method, path, body]: (typeof CHANGES)[number],
  as: Partial<Identity>,
): Promise<unknown> => (await rest.call(method, path, { as, ...(body && { body }) })).body['type'];

it.each([...CHANGES, ['POST', 'psa/autotask/connection/test'] as (typeof CHANGES)[number]])(
  '%s %s is nobody’s to do as somebody else',
  async (...change: (typeof CHANGES)[number]) => {
    const as = { ...manager, actor: { accountNo: null, subject: 'account:1' }, steppedUpAt: now() };
    expect(await typeOf(change, as)).toBe('/docs/problems/impersonating');
  },
);

it.each(CHANGES)(
  '%s %s wants a person to have proved who they are',
  async (...change: (typeof CHANGES)[number]) => {
    expect(await typeOf(change, { ...manager, steppedUpAt: now() - 3600 })).toBe(
      '/docs/problems/step-up-required',
    );
    expect(await typeOf(change, { ...manager, steppedUpAt: now() - 60 })).toMatch(
      /precondition-required|not-found/,
    );
  },
);
