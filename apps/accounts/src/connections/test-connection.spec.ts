import { expect, it } from '@jest/globals';
import { PSA_REASONS } from '@backhaul/psa';
import { shownCheck } from './test-connection.handler.js';

it('tells what the PSA said, and one thing for all that lies between it and us (security 5.2)', () => {
  const steps = PSA_REASONS.map((reason) => ({ name: reason, isOk: false, reason }));
  const shown = shownCheck({ isOk: false, version: null, steps }).steps;
  const hidden = shown.filter(({ reason }) => reason === 'unreachable').map(({ name }) => name);
  expect(hidden).toEqual(
    expect.arrayContaining(['refused', 'host_not_found', 'tls_failed', 'egress_blocked', 'timed_out']),
  );
  for (const told of ['unauthorized', 'forbidden', 'rate_limited', 'unreadable_answer', 'setting_missing'])
    expect(shown.find(({ name }) => name === told)?.reason).toBe(told);
});
