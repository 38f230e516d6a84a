import { describe, expect, test } from '@jest/globals';
import type { AccountNo, BrandId, CustomerId, HandlerId, PartnerId } from '@backhaul/domain';
import { actsAt, type EventHandler } from './event-handler.js';
import { runOf, type RunState, stateOfRun } from './handler-run.js';

const HANDLER: EventHandler = {
  id: '01920000-0000-7000-8000-0000000000f1' as HandlerId,
  partnerId: '01920000-0000-7000-8000-000000000001' as PartnerId,
  ownerBrandId: null,
  name: 'Tell the desk',
  enabled: true,
  source: { kind: 'event', eventTypes: [], severities: [] },
  conditions: [],
  actions: [
    { kind: 'email', to: ['desk@msp.example'] },
    { kind: 'webhook', url: 'https://hooks.example/x', disabledReason: 'gone' },
  ],
  scope: { brandIds: [], custIds: [], accountNos: [] },
  version: 1,
  createdAt: new Date(0),
  updatedAt: new Date(0),
};
const [ROOT, BRAND, OTHER] = ['root', 'brand', 'other'] as BrandId[] as [BrandId, BrandId, BrandId];
const PLACE = { accountNo: 1 as AccountNo, customerId: 2 as CustomerId, above: [ROOT, BRAND] };

describe('a run of an event handler (F35)', () => {
  test.each<[RunState[], RunState]>([
    [['done', 'pending', 'failed'], 'pending'],
    [['done', 'failed', 'skipped'], 'failed'],
    [['done', 'skipped'], 'done'],
    [['skipped'], 'skipped'],
    [[], 'skipped'],
  ])('%p is %s', (states, state) => {
    expect(stateOfRun(states.map((one) => ({ state: one })))).toBe(state);
  });

  test('has ids that follow from handler and cause, so that a repeat is the same', () => {
    const idOf = (operationId: string | null) =>
      runOf(HANDLER, { kind: 'event', eventId: 'e', operationId }, PLACE.accountNo).runId;
    expect(idOf(null)).toBe(idOf(null));
    expect(new Set([idOf(null), idOf('once'), idOf('twice')]).size).toBe(3);
  });

  test('begins where something can be done, and says why where nothing can', () => {
    const cause = { kind: 'request', requestId: 'r' } as const;
    expect(runOf(HANDLER, cause, null).actions).toMatchObject([
      { kind: 'email', state: 'pending' },
      { kind: 'webhook', state: 'skipped', reason: 'webhook_disabled', message: 'gone' },
    ]);
    const halt = { state: 'skipped', reason: 'late', message: 'Late.' } as const;
    expect(runOf(HANDLER, cause, null, halt).actions).toMatchObject([halt, halt]);
  });

  test.each<[string, Partial<EventHandler['scope']>, BrandId | null, typeof PLACE | null, boolean]>([
    ['everywhere', {}, null, PLACE, true],
    ['everywhere, where no place is known', {}, ROOT, null, true],
    ['below its brand', {}, ROOT, PLACE, true],
    ['not beside its brand', {}, OTHER, PLACE, false],
    ['below a brand that it names', { brandIds: [ROOT] }, null, PLACE, true],
    ['not below another', { brandIds: [OTHER] }, null, PLACE, false],
    ['of a customer', { custIds: [2 as CustomerId] }, null, PLACE, true],
    ['of an account', { accountNos: [1 as AccountNo] }, null, PLACE, true],
    ['not of another account', { accountNos: [3 as AccountNo] }, null, PLACE, false],
    ['not of a customer beside its brand', { custIds: [2 as CustomerId] }, OTHER, PLACE, false],
    ['not where it names places and none is known', { brandIds: [ROOT] }, null, null, false],
  ])('is %s', (_where, scope, ownerBrandId, place, expected) => {
    expect(actsAt({ scope: { ...HANDLER.scope, ...scope }, ownerBrandId }, place)).toBe(expected);
  });
});
