import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '../eventually.js';
import { RunningRoad, type ServiceName } from './running-road.js';

jest.setTimeout(900_000);

const KILLS = Number(process.env['ROAD_KILLS'] ?? 4);
const SEED = Number(process.env['ROAD_SEED'] ?? 1);
const VICTIMS: ServiceName[] = [
  'ingestion',
  'notifications',
  'ticketing-connectwise',
  'ticketing-autotask',
  'gateway',
  'psa-simulator',
  'accounts',
];

/** Numbers from 0 to 1 that a seed decides. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

describe('the whole road, from an agent to a ticket', () => {
  let road: RunningRoad;
  beforeAll(async () => {
    road = await RunningRoad.start();
  });
  afterAll(async () => {
    if (road) await road.close();
  });

  it('opens a ticket in each PSA and closes the same one, with a note (E1, E2)', async () => {
    for (const account of road.demo.accounts)
      await road.report(account, 'failure', 'Thin', new Date(Date.now() - 5000));
    await eventually(async () => expect(await road.tickets('Thin')).toHaveLength(2), { timeoutMs: 60_000 });
    for (const account of road.demo.accounts) await road.report(account, 'success', 'Thin', new Date());
    await eventually(
      async () => expect((await road.tickets('Thin')).filter((ticket) => ticket.isClosed)).toHaveLength(2),
      { timeoutMs: 60_000 },
    );
    const tickets = await road.tickets('Thin');
    expect(tickets.map((ticket) => ticket.provider).sort()).toEqual(['autotask', 'connectwise']);
    expect(tickets.map((ticket) => ticket.notes.length)).toEqual([1, 1]);
    await eventually(() => road.drained(), { timeoutMs: 60_000, intervalMs: 300 });
  });

  it('ignores a success that is older than the failure, and a repeat changes nothing (E2, F34)', async () => {
    const [account] = road.demo.accounts;
    const at = new Date(Date.now() - 3000);
    await road.report(account!, 'failure', 'Late', at);
    await road.report(account!, 'failure', 'Late', at);
    await eventually(async () => expect(await road.tickets('Late')).toHaveLength(1), { timeoutMs: 60_000 });
    await road.report(account!, 'success', 'Late', new Date(at.getTime() - 60_000));
    await eventually(() => road.drained(), { timeoutMs: 60_000, intervalMs: 300 });
    const [ticket] = await road.tickets('Late');
    expect(ticket).toMatchObject({ isClosed: false, notes: [] });
  });

  it(`has one ticket for each problem after ${KILLS} kills, seed ${SEED} (P1, P4, P9)`, async () => {
    const random = randomOf(SEED);
    const expected = new Map<string, boolean>();
    for (let kill = 0; kill < KILLS; kill += 1) {
      const job = `Kill${kill}`;
      const victim = VICTIMS[Math.floor(random() * VICTIMS.length)] as ServiceName;
      const heals = random() < 0.5;
      const account = road.demo.accounts[kill % 2]!;
      await road.report(account, 'failure', job, new Date(Date.now() - 2000));
      // Some die while the ticket is on its way, some once it stands.
      if (random() < 0.5)
        await eventually(async () => (await road.tickets(job)).length > 0, { timeoutMs: 120_000 });
      const crash = road.crash(victim);
      if (heals) await road.report(account, 'success', job, new Date());
      await crash;
      expected.set(job, heals);
    }
    await eventually(() => road.drained(), { timeoutMs: 240_000, intervalMs: 500 });
    for (const [job, heals] of expected) {
      const tickets = await road.tickets(job);
      expect({ job, doubles: Math.max(0, tickets.length - 1) }).toEqual({ job, doubles: 0 });
      // One that healed before its ticket left has none; every other has exactly one, open or closed as it should.
      if (!heals) expect(tickets).toMatchObject([{ isClosed: false }]);
      else expect(tickets.every((ticket) => ticket.isClosed)).toBe(true);
    }
  });
});
