import { describe, expect, it } from '@jest/globals';
import { PSA_REASONS } from '@backhaul/psa';
import { shownCheck } from './check-words.js';

const shown = (step: string, reason: string) =>
  shownCheck({ isOk: false, version: null, steps: [{ name: step, isOk: false, reason }] }).steps[0];

describe('what a test of a connection says', () => {
  it.each([
    'refused', 'host_not_found', 'tls_failed', 'connect_timeout', 'egress_blocked', 'timed_out', 'connection_lost',
  ])('says one thing for all that lies between us and the PSA: %s (security 5.2)', (reason) => {
    expect(shown('version', reason)).toEqual(shown('version', 'unreachable'));
  }); // prettier-ignore

  it.each([
    ['B14', 'unauthorized', 'Credentials rejected'],
    ['B13', 'company_unknown', 'Wrong company'],
    ['B20', 'solution_unknown', 'Management Solution Name was not found'],
    ['an HTML answer', 'unreadable_answer', 'answers with a page'],
    ['a redirect', 'redirected', 'redirects elsewhere'],
    ['a limit', 'rate_limited', 'Try again'],
  ])('%s: %s in words', (_what, reason, words) => {
    expect(shown('version', reason)).toMatchObject({ reason, message: expect.stringContaining(words) });
  });

  it.each([
    ['boards', 'Service Desk > Boards'],
    ['tickets', 'Service Desk > Service Tickets'],
    ['companies', 'Companies'],
    ['solution', 'System > Management IT'],
    ['noteRights', 'Ticket Notes'],
  ])('B18: a 403 at %s names the area that the member lacks', (step, area) => {
    expect(shown(step, 'forbidden')?.message).toBe(`Member lacks permission: ${area}.`);
  });

  it('has words for every reason, and none where all is well', () => {
    for (const reason of PSA_REASONS) expect(shown('version', reason)?.message).toMatch(/^[A-Z].*\.$/);
    const good = shownCheck({
      isOk: true,
      version: 'v1',
      steps: [{ name: 'version', isOk: true, reason: null }],
    });
    expect(good.steps[0]?.message).toBeNull();
  });
});
