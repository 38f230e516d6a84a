import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type PartnerId, uuidFrom } from '@backhaul/domain';
import type { Scope } from '@backhaul/domain';
import { BRAND, buildKnownEvent, PARTNER } from '../testing/builders.js';
import { TestSystem } from '../testing/system.js';
import { ExplainHandler } from './explain.handler.js';

jest.setTimeout(60_000);
const OTHER = uuidFrom('other') as PartnerId;
let system: TestSystem;
let explain: ExplainHandler;
beforeAll(async () => {
  system = await TestSystem.start();
  await system.empty();
  await system.unitOfWork.query('INSERT INTO known_brand VALUES ($1, $2, $3)', [PARTNER, BRAND, [BRAND]]);
  explain = new ExplainHandler(system.database.dataSource, system.rules);
  await system.createRule({ name: 'off', enabled: false });
  await system.createRule({ name: 'acts' });
  await system.createRule({ name: 'of quotas', allEventTypes: false, eventTypes: ['quota.exceeded'], enabled: false }); // prettier-ignore
  await system.createRule({ name: 'theirs' }, OTHER);
});
afterAll(() => system.close());

const scope: Scope = { partnerId: PARTNER, brandId: null, onlyAccountNo: null };

describe('rules explained', () => {
  it('come with those that match first, then those that miss by the fewest things', async () => {
    const { rules, notShown } = await explain.handle(scope, buildKnownEvent());
    expect(rules.map(({ ruleName, isMatch }) => [ruleName, isMatch])).toEqual([
      ['acts', true],
      ['off', false],
      ['of quotas', false],
    ]);
    expect(notShown).toBe(0);
  });

  it('are those that the caller may see', async () => {
    const ofBrand = { ...scope, brandId: BRAND };
    expect((await explain.handle(ofBrand, buildKnownEvent())).rules).toEqual([]);
    const theirs = await explain.handle({ ...scope, partnerId: OTHER }, buildKnownEvent());
    expect(theirs.rules.map(({ ruleName }) => ruleName)).toEqual(['theirs']);
  });
});
