import assert from 'node:assert/strict';
import { doubtfulCreate } from '../doubtful-create.js';
import { Memory } from '../memory.js';
import type { FaultRow, RowRun } from '../row.js';
import { PROVIDERS, ticketingOf } from '../topology.js';

const KINDS = [
  ['huge_body', 'answer_too_large'],
  ['endless', 'answer_too_large'],
  ['many_headers', 'answer_too_large'],
  ['gzip_bomb', 'unreadable_answer'],
] as const;
/** Above what the process held before. */
const MOST_MB = 20;
const ROUNDS = 3;
/** On a busy machine 5 MB may take longer than a row has patience; that would be another failure. */
const PATIENT = { PSA_REQUEST_TIMEOUT_MS: '15000', LANE_LEASE_MS: '60000' };

/** Each kind once in both PSAs: the work is done, and its answer never ends. */
async function round(run: RowRun, name: string): Promise<void> {
  for (const [kind, reason] of KINDS)
    await doubtfulCreate(run, { job: `Row41-${name}-${kind}`, fault: { kind }, reason });
}

export const row: FaultRow = {
  number: 41,
  fault: 'the PSA makes the ticket and answers 2 GB, without end, with 10,000 headers, or a gzip bomb',
  expected:
    'reading ends at 5 MB and at the limit of headers, nothing is unpacked, memory stays flat; the ticket is searched for; one ticket',
  promises: ['P4', 'P5'],
  group: 'psas',
  smaller: 'libs/psa/src/outcomes.spec.ts',
  async run(run) {
    const { system, isLong, phase, measured } = run;
    phase('arrange');
    for (const provider of PROVIDERS) await system.fleet.restart(ticketingOf(provider), PATIENT);
    // What a process loads and compiles with its first answers is no leak.
    await round(run, 'first');
    const memories = PROVIDERS.map((provider) => {
      const memory = new Memory(system.fleet.service(ticketingOf(provider)).pid);
      return { provider, memory, before: memory.begin() };
    });
    for (let n = 1; n <= (isLong ? ROUNDS : 1); n += 1) await round(run, `${n}`);
    for (const { provider, memory, before } of memories) {
      const more = memory.peak() - before;
      measured(`${provider}: memory before, MB`, Math.round(before));
      measured(`${provider}: peak above it, MB`, Math.round(more));
      assert.ok(more < MOST_MB, `${provider}: ${more.toFixed(0)} MB more than before`);
    }
    for (const provider of PROVIDERS) await system.fleet.restart(ticketingOf(provider));
  },
};
