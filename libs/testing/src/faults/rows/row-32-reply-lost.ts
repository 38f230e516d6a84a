import { doubtfulCreate } from '../doubtful-create.js';
import type { FaultRow } from '../row.js';

export const row: FaultRow = {
  number: 32,
  fault: 'the PSA makes the ticket, and its answer is lost with the connection',
  expected: 'nobody knows: it is searched for, found and linked; one ticket',
  promises: ['P4'],
  group: 'psas',
  smaller: 'apps/ticketing/src/ticketing.e2e.spec.ts',
  run: (run) =>
    doubtfulCreate(run, { job: 'Row32', fault: { kind: 'drop_reply' }, reason: 'connection_lost' }),
};
