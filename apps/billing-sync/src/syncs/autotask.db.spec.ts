import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ACCOUNT, TestSystem } from '../testing/system.js';

let system: TestSystem;
beforeAll(async () => {
  system = await TestSystem.start('autotask');
});
afterAll(() => system.close());

it('a PSA without a report of statistics is not asked, and the log says why', async () => {
  await system.connect();
  await system.ask(system.request('one'));
  await system.drain();
  expect([await system.told(), system.psa.calls]).toEqual([[`${ACCOUNT} skipped nothing_to_push`], []]);
});
