import { doubtfulCreate } from '../doubtful-create.js';
import type { FaultRow } from '../row.js';

export const row: FaultRow = {
  number: 34,
  fault: 'the PSA answers 200 with a login page, or 201 without an id',
  expected: 'that is no success: the operator reads which it was, the ticket is searched for; one ticket',
  promises: ['P4'],
  group: 'psas',
  smaller: 'apps/ticketing/src/ticketing.e2e.spec.ts',
  async run(run) {
    const page = { job: 'Row34-page', fault: { kind: 'html_200' }, reason: 'unreadable_answer' } as const;
    await doubtfulCreate(run, page);
    await doubtfulCreate(run, { job: 'Row34-no-id', fault: { kind: 'no_id' }, reason: 'no_id' });
  },
};
