import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { PartnerId } from '@backhaul/domain';
import { Logger } from '@nestjs/common';
import { FaultyPsa } from '../testing/faulty-psa.js';
import { TestRest } from '../testing/rest.js';
import { ACCOUNT, idOf, TestSystem } from '../testing/system.js';

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
});

const explain = async (event: string, who = {}) =>
  (await rest.call('GET', `/internal/explanations?eventId=${idOf(event)}&accountNo=${ACCOUNT}`, who)).body;

describe('what ticketing knows of one event', () => {
  it('is the problem that it opened, the ticket and what was done for it', async () => {
    await system.raise('first');
    await system.drain();
    await system.raise('second');
    await system.drain();
    expect(await explain('first')).toMatchObject({
      provider: 'connectwise',
      connection: { isEnabled: true, breaker: 'closed', trouble: null },
      incidents: [
        {
          isOpenedByIt: true,
          state: 'open',
          ticket: { id: '1', state: 'open' },
          entries: [{ kind: 'opened', at: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/) }],
          commands: [{ kind: 'create', status: 'done' }],
        },
      ],
      lane: null,
    });
    expect(await explain('second')).toMatchObject({
      incidents: [{ isOpenedByIt: false, entries: [{ kind: 'seen_again' }], commands: [{ kind: 'note' }] }],
    });
    expect(await explain('third')).toMatchObject({ incidents: [] });
  });

  it('is why its work waits', async () => {
    psa.faults.push({ method: 'create', outcome: 'definitive' });
    await system.raise('first');
    await system.drain();
    expect(await explain('first')).toMatchObject({
      incidents: [{ ticket: null, commands: [{ kind: 'create', status: 'planned' }] }],
      lane: { waiting: 1, why: { kind: 'attention', field: 'settings/ticketing' } },
    });
  });

  it('is nothing to another partner, to another brand, and to end users', async () => {
    await system.raise('first');
    const nothing = { incidents: [], lane: null };
    expect(await explain('first', { partnerId: idOf('other') as PartnerId })).toMatchObject(nothing);
    expect(await explain('first', { brandId: idOf('brand') })).toMatchObject(nothing);
    expect(await explain('first', { role: 'power-user', accountNo: ACCOUNT })).toMatchObject({ status: 403 });
  });
});
