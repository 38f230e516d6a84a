import assert from 'node:assert/strict';
import type { FaultRow } from '../row.js';
import type { System } from '../system.js';

const LATENCY_MS = 200;
const MOST_ROUND_TRIPS = 2;
const EVENTS = 20;
const OF_EVENTS = 'ingestion-events';

/** Milliseconds until a report was accepted. */
async function timed(system: System, job: string): Promise<number> {
  const sentAt = performance.now();
  await system.report(system.account('autotask', 2), 'failure', job);
  return performance.now() - sentAt;
}

/** Of the connections on which ingestion writes events. */
const roundTrips = ({ proxies }: System): number =>
  proxies.postgres
    .wires()
    .filter(({ opening }) => opening.includes(OF_EVENTS))
    .reduce((sum, wire) => sum + wire.roundTrips, 0);

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

async function series(system: System, name: string): Promise<{ ms: number; perEvent: number }> {
  const before = roundTrips(system);
  const waits: number[] = [];
  for (let n = 0; n < EVENTS; n += 1) waits.push(await timed(system, name));
  return { ms: median(waits), perEvent: (roundTrips(system) - before) / EVENTS };
}

export const row: FaultRow = {
  number: 11,
  fault: 'every round trip to PostgreSQL takes 200 ms longer',
  expected:
    'a report takes so much longer as it has round trips, two at most; tickets open and close all the same',
  promises: ['P1', 'P9'],
  group: 'wires',
  async run({ system, phase, invariants, measured }) {
    phase('arrange');
    await timed(system, 'Row11-warm');
    const usual = await series(system, 'Row11-usual');

    phase('inject');
    system.proxies.postgres.slow(LATENCY_MS);

    phase('expect');
    try {
      // The connections may be made anew first, over the slow wire.
      await timed(system, 'Row11-warm');
      const slow = await series(system, 'Row11-slow');
      const added = slow.ms - usual.ms;
      measured('a report, ms (median)', `${usual.ms.toFixed(0)}, over the slow wire ${slow.ms.toFixed(0)}`);
      measured('round trips of the write, per event', slow.perEvent.toFixed(2));
      assert.ok(added > LATENCY_MS * 0.8, `the wire was not slow: ${added.toFixed(0)} ms more`);
      assert.ok(
        added < LATENCY_MS * (MOST_ROUND_TRIPS + 0.5),
        `a report took ${added.toFixed(0)} ms more: more than ${MOST_ROUND_TRIPS} round trips`,
      );
      assert.ok(slow.perEvent <= MOST_ROUND_TRIPS, `${slow.perEvent} round trips to write an event`);
      await system.ticket('Row11-slow', 'open', 120_000);
    } finally {
      system.proxies.postgres.heal();
    }

    phase('heal');
    await invariants(180_000);
  },
};
