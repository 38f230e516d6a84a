import { describe, expect, it } from '@jest/globals';
import { type FaultRow, runRow } from './row.js';
import type { System } from './system.js';

const FIGURES = { accepted: 1, processed: 1, set_aside: 0, actions: {}, incidents: 1, tickets: 1, open: 1 };
const system = (invariants: () => Promise<typeof FIGURES>): System =>
  ({ invariants, fleet: { complaints: () => 'what the services said' } }) as unknown as System;
const sound = system(async () => FIGURES);
const broken = system(async () => {
  throw new Error('two tickets');
});

const run = (on: System, course: FaultRow['run']) =>
  runRow({ number: 99, fault: 'f', expected: 'e', promises: [], group: 'psas', run: course }, on, {
    seed: 1,
    isLong: false,
  });
const whole: FaultRow['run'] = async ({ phase, invariants, measured }) => {
  for (const name of ['arrange', 'inject', 'expect', 'heal'] as const) phase(name);
  measured('tickets, each once', 1);
  await invariants();
};

describe('a row of the fault matrix', () => {
  it('reports what it measured and what the invariants counted', async () => {
    const report = await run(sound, whole);
    expect(report).toMatchObject({ row: { number: 99 }, figures: FIGURES });
    expect([...report.measures]).toEqual([['tickets, each once', 1]]);
  });

  it('that leaves out the invariants, or another phase, fails', async () => {
    await expect(run(sound, async ({ phase }) => phase('arrange'))).rejects.toThrow(
      'The row has no inject, expect, heal, invariants',
    );
    await expect(run(sound, async ({ invariants }) => void (await invariants()))).rejects.toThrow(
      'The row has no arrange, inject, expect, heal',
    );
  });

  it('fails with its number, its phase and what the services said', async () => {
    await expect(run(broken, whole)).rejects.toThrow(
      /^Row 99, invariants: two tickets\nwhat the services said$/,
    );
  });
});
