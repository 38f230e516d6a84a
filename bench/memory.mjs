/**
 * node bench/memory.mjs [--seconds 10] [--rate 100] [--node-args="--max-semi-space-size=2"]
 *
 * Resident memory (VmRSS) of every service: ready and seeded, after 10 s at rest, at the end of a load of failures, and 10 s later.
 * Needs TEST_DATABASE_URL, TEST_KAFKA_BROKERS and a build. Its last line is JSON.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { inParallel } from './system/parallel.mjs';
import { loadAverage, startSystem } from './system/system.mjs';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    rate: { type: 'string', default: '100' },
    'node-args': { type: 'string', default: '' },
  },
});
const nodeArgs = values['node-args'].split(' ').filter(Boolean);
const system = await startSystem({ nodeArgs });
try {
  const accounts = await system.addAccounts(50);
  const started = system.memory();
  await wait(10_000);
  const idle = system.memory();
  const events = [...Array(Number(values.rate) * Number(values.seconds)).keys()];
  await inParallel(events, 32, async (index) => {
    const answer = await fetch(`${system.url('ingestion')}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${system.apiKey}` },
      body: JSON.stringify({
        accountNo: accounts[index % accounts.length],
        job: { kind: 'backup', jobName: `job-${index}`, nativeRunId: `run-${index}` },
        outcome: { status: 'failed', message: 'Could not reach the destination.' },
      }),
    });
    if (answer.status !== 202) throw new Error(`An event was answered ${answer.status}`);
    await answer.arrayBuffer();
  });
  const loaded = system.memory();
  await wait(10_000);
  const after = system.memory();
  const rows = Object.keys(idle).map((name) => ({
    service: name,
    startedMb: Math.round(started[name]),
    idleMb: Math.round(idle[name]),
    loadedMb: Math.round(loaded[name]),
    afterMb: Math.round(after[name]),
  }));
  console.table(rows);
  console.log(JSON.stringify({ nodeArgs, events: events.length, loadAverage: loadAverage(), rows }));
} finally {
  await system.stop();
}
process.exit(0);
