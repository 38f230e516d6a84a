import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '../eventually.js';
import { System } from './system.js';
import { PROVIDERS, type Provider, ticketingOf } from './topology.js';

jest.setTimeout(600_000);

const JOBS = 40;

describe('workers of a PSA, added and removed under load', () => {
  let system: System;
  beforeAll(async () => {
    system = await System.start();
  });
  afterAll(() => system?.close());

  async function fail(provider: Provider, from: number, to: number): Promise<void> {
    for (let n = from; n < to; n += 1)
      await system.report(system.account(provider, n), 'failure', `${provider}-${n}`);
  }

  const standing = async (provider: Provider): Promise<number> =>
    (await system.tickets()).filter((ticket) => ticket.provider === provider).length;

  it.each(PROVIDERS)(
    'of %s share the work: no ticket is doubled, none is left out (P1, P4)',
    async (provider) => {
      const service = ticketingOf(provider);
      const second = await system.fleet.bootTwin(service);
      const sending = fail(provider, 0, JOBS);
      await eventually(async () => (await standing(provider)) >= JOBS / 8, { timeoutMs: 120_000 });

      const third = await system.fleet.bootTwin(service);
      // One is scaled away in order, one dies with its claims.
      await system.fleet.endTwin(second);
      third.kill('SIGKILL');
      await third.exited;
      const fourth = await system.fleet.bootTwin(service);
      await system.fleet.end(service);
      await sending;
      await fail(provider, JOBS, 2 * JOBS);

      await eventually(async () => (await standing(provider)) >= 2 * JOBS, { timeoutMs: 240_000 });
      const figures = await system.invariants(240_000);
      expect(figures.accepted).toBe(figures.processed);
      expect(await standing(provider)).toBe(2 * JOBS);
      await system.fleet.boot(service);
      await system.fleet.endTwin(fourth);
    },
  );
});
