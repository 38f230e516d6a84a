import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { doubtfulCreate } from '../doubtful-create.js';
import type { FaultRow } from '../row.js';
import { PROVIDERS, ticketingOf } from '../topology.js';

/** Counts who comes. */
async function target(): Promise<{ host: string; calls(): number; close(): void }> {
  let calls = 0;
  const server = createServer((_request, response) => {
    calls += 1;
    response.setHeader('content-type', 'application/json').end('{"id":1,"itemId":1}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { host: `127.0.0.1:${port}`, calls: () => calls, close: () => void server.close() };
}

export const row: FaultRow = {
  number: 40,
  fault:
    'the PSA makes the ticket and redirects: to another host, for GET and for POST, and to 169.254.169.254',
  expected:
    'nobody goes there, though the address is one that calls may reach: that is no answer, the ticket is searched for; one ticket',
  promises: ['P4'],
  group: 'psas',
  smaller: 'libs/psa/src/outcomes.spec.ts',
  async run(run) {
    const { system, phase, measured } = run;
    phase('arrange');
    const elsewhere = await target();
    const allowed = `${new URL(system.fleet.url('psa-simulator')).host},${elsewhere.host}`;
    try {
      // The guard of the ways out would stop a call too: here it must be that none is begun.
      for (const provider of PROVIDERS)
        await system.fleet.restart(ticketingOf(provider), { EGRESS_ALLOW: allowed });
      const reason = 'redirected';
      const there = `http://${elsewhere.host}/stolen`;
      for (const [index, [status, location]] of (
        [
          [302, there],
          [307, there],
          [301, 'http://169.254.169.254/latest/meta-data/'],
        ] as const
      ).entries())
        await doubtfulCreate(run, {
          job: `Row40-${index}`,
          fault: { kind: 'redirect', status, location },
          reason,
        });
      assert.equal(elsewhere.calls(), 0, `the other host was called ${elsewhere.calls()} times`);
      measured('calls at the other host', elsewhere.calls());
    } finally {
      elsewhere.close();
    }
    for (const provider of PROVIDERS) await system.fleet.restart(ticketingOf(provider));
  },
};
