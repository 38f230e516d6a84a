import assert from 'node:assert/strict';
import { eventually } from '../../eventually.js';
import { healthOf, metricOf } from '../health.js';
import type { FaultRow } from '../row.js';
import type { ServiceName } from '../topology.js';

const STUCK: readonly ServiceName[] = ['gateway', 'ingestion', 'notifications', 'ticketing-connectwise'];
const DROPPED = 'backhaul_log_lines_dropped_total';
const TOLD = 'lines of the log were dropped';
const AT_ONCE = 20;

/** Each is two lines of a log at `debug`; the others have little to say. */
async function chatter(url: string, requests: number): Promise<void> {
  let left = requests;
  const ask = async (): Promise<void> => {
    while (left-- > 0) {
      const answer = await fetch(`${url}/nothing-here`, {
        headers: { 'x-request-id': 'x'.repeat(100) },
        signal: AbortSignal.timeout(30_000),
      });
      await answer.arrayBuffer();
      assert.equal(answer.status, 404);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
}

export const row: FaultRow = {
  number: 51,
  fault: 'nobody reads any more what the services write to their standard output',
  expected:
    'they go on; lines wait up to a limit and are dropped and counted beyond it; read again, the log says how many are missing',
  promises: ['P1', 'P9'],
  group: 'psas',
  smaller: 'libs/telemetry/src/standard-output.spec.ts',
  async run({ system, isLong, phase, invariants, measured }) {
    phase('arrange');
    const { fleet } = system;
    const account = system.account('connectwise', 4);
    const ingestion = await fleet.restart('ingestion', { LOG_LEVEL: 'debug' });

    phase('inject');
    for (const name of STUCK) fleet.service(name).readLogs(false);
    // More than a pipe and who reads it hold; in the long form also more than waits in memory.
    const requests = isLong ? 12_000 : 1500;
    await chatter(fleet.url('ingestion'), requests);

    phase('expect');
    await system.report(account, 'failure', 'Row51');
    await system.ticket('Row51', 'open');
    const isReady = async (name: ServiceName): Promise<boolean> =>
      (await healthOf(fleet.service(name), 'ready')) === 200;
    for (const name of STUCK) await eventually(() => isReady(name), { timeoutMs: 60_000 });
    const dropped = await metricOf(ingestion, DROPPED);
    measured('lines dropped', dropped);
    if (isLong) assert.ok(dropped > 0, 'the log was read after all');

    phase('heal');
    for (const name of STUCK) fleet.service(name).readLogs(true);
    if (isLong) await eventually(() => ingestion.logs().includes(TOLD), { timeoutMs: 30_000 });
    await system.report(account, 'success', 'Row51');
    await system.ticket('Row51', 'closed');
    await invariants();
    await fleet.restart('ingestion');
  },
};
