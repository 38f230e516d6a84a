import { doubtfulCreate } from '../doubtful-create.js';
import type { FaultRow } from '../row.js';

export const row: FaultRow = {
  number: 35,
  fault: 'the PSA makes the ticket and answers 503',
  expected: 'nobody knows: it is searched for, found and linked; one ticket',
  promises: ['P4'],
  group: 'psas',
  smaller: 'apps/ticketing/src/ticketing.e2e.spec.ts',
  run: (run) =>
    doubtfulCreate(run, {
      job: 'Row35',
      fault: { kind: 'status', status: 503, when: 'after' },
      reason: 'server_error',
    }),
};
