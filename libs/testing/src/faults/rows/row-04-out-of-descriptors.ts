import assert from 'node:assert/strict';
import { eventually } from '../../eventually.js';
import { SlowClient } from '../../slow-client.js';
import { healthOf, metricOf } from '../health.js';
import type { FaultRow } from '../row.js';

const FILES = 192;
const CLIENTS = 400;

const howMany = (statuses: readonly number[], wanted: number): number =>
  statuses.filter((status) => status === wanted).length;

export const row: FaultRow = {
  number: 4,
  fault: 'more clients connect to ingestion, and stay, than the process may have descriptors',
  expected:
    'those beyond are told 503 or cut, it says that it lives and works on all that it holds; when they have gone, all is as before',
  promises: ['P1', 'P11'],
  group: 'psas',
  smaller: 'libs/http/src/server/connection-limit.spec.ts',
  async run({ system, phase, invariants, measured }) {
    phase('arrange');
    const account = system.account('connectwise', 0);
    await system.fleet.end('ingestion');
    const service = await system.fleet.boot('ingestion', {}, { openFiles: FILES });
    const url = system.fleet.url('ingestion');
    await system.report(account, 'failure', 'Row4');
    await system.ticket('Row4', 'open');

    phase('inject');
    const path = `/ingest/duplicati/${account.endpointKey}`;
    const clients = Array.from({ length: CLIENTS }, () => new SlowClient({ url, path }));
    // Those that are served wait for their bodies; the others hear at once.
    const answers: number[] = [];
    for (const client of clients) void client.answered.then(({ status }) => answers.push(status));
    await Promise.all(clients.map((client) => client.ready().catch(() => undefined)));

    phase('expect');
    await eventually(() => howMany(answers, 503) > 0, { timeoutMs: 9000 });
    assert.equal(await healthOf(service, 'live'), 200);
    measured('descriptors in use', await metricOf(service, 'process_open_fds'));
    assert.ok((await metricOf(service, 'process_open_fds')) < FILES, 'no descriptor was left');
    await eventually(() => answers.length === CLIENTS, { timeoutMs: 60_000 });
    const known = [0, 408, 503];
    assert.deepEqual(
      answers.filter((status) => !known.includes(status)),
      [],
    );
    measured('served until they timed out', howMany(answers, 408));
    measured('told 503', howMany(answers, 503));
    measured('cut', howMany(answers, 0));

    phase('heal');
    await system.report(account, 'success', 'Row4');
    await system.ticket('Row4', 'closed');
    assert.equal(system.fleet.service('ingestion').pid, service.pid);
    await invariants();
    await system.fleet.restart('ingestion');
  },
};
