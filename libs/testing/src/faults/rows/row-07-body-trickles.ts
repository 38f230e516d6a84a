import assert from 'node:assert/strict';
import { eventually } from '../../eventually.js';
import { SlowClient } from '../../slow-client.js';
import { metricOf } from '../health.js';
import type { FaultRow } from '../row.js';
import { PROVIDERS } from '../topology.js';

/** A promise of its own: within 15 s, beside what a busy machine adds. */
const PROMISED_MS = 15_000;
const NOISE_MS = 10_000;

export const row: FaultRow = {
  number: 7,
  fault: 'hundreds of clients send the bodies of their reports byte by byte',
  expected: 'each is answered 408 and its place is free again; the reports of others are taken meanwhile',
  promises: ['P1', 'P11'],
  group: 'psas',
  smaller: 'libs/http/src/server/body-watch.spec.ts',
  async run({ system, isLong, phase, invariants, measured }) {
    phase('arrange');
    const service = system.fleet.service('ingestion');
    const url = system.fleet.url('ingestion');
    const path = `/ingest/duplicati/${system.account('connectwise', 3).endpointKey}`;
    const inFlight = (): Promise<number> => metricOf(service, 'http_requests_in_flight');

    phase('inject');
    const clients = isLong ? 500 : 50;
    const slow = Array.from({ length: clients }, () => new SlowClient({ url, path, byteEveryMs: 1000 }));
    await Promise.all(slow.map((client) => client.ready()));
    await eventually(async () => (await inFlight()) >= clients, { timeoutMs: 8000 });

    phase('expect');
    let slowest = 0;
    for (const provider of PROVIDERS) {
      const sentAt = performance.now();
      await system.report(system.account(provider), 'failure', `Row7-${provider}`);
      slowest = Math.max(slowest, performance.now() - sentAt);
    }
    assert.ok((await inFlight()) >= clients, 'the slow ones were gone before others were answered');
    measured('a report beside them, ms', Math.round(slowest));
    const answers = await Promise.all(slow.map((client) => client.answered));
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [408]);
    const latest = Math.max(...answers.map(({ tookMs }) => tookMs));
    assert.ok(latest < PROMISED_MS + NOISE_MS, `408 after ${latest.toFixed(0)} ms`);
    measured('slow clients', clients);
    measured('408 after, ms at most', Math.round(latest));

    phase('heal');
    await eventually(async () => (await inFlight()) === 0, { timeoutMs: 10_000 });
    for (const provider of PROVIDERS) await system.ticket(`Row7-${provider}`, 'open');
    await invariants();
  },
};
