import { doubtfulCreate } from '../doubtful-create.js';
import type { FaultRow } from '../row.js';

export const row: FaultRow = {
  number: 33,
  fault: 'the PSA makes the ticket, and its answer breaks off in the middle',
  expected: 'nobody knows: it is searched for, found and linked; one ticket',
  promises: ['P4'],
  group: 'psas',
  smaller: 'apps/ticketing/src/ticketing.e2e.spec.ts',
  run: (run) => doubtfulCreate(run, { job: 'Row33', fault: { kind: 'truncate' }, reason: 'connection_lost' }),
};
