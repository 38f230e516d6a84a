import { describe, expect, it } from '@jest/globals';
import type { PartnerId } from '@backhaul/domain';
import type { ConnectionPayload } from '@backhaul/messaging';
import { PARTNER } from '../testing/builders.js';
import { defaultsFor } from './rule-defaults.js';
import { PsaLinks, warningsOf } from './rule-warnings.js';
import type { RuleAction, RuleSettings } from './rule.js';

const OTHER = '01920000-0000-7000-8000-000000000002' as PartnerId;
const given = (action: RuleAction, over: Partial<RuleSettings> = {}) => ({ ...defaultsFor(action), ...over });
const pointers = (...args: Parameters<typeof warningsOf>) =>
  warningsOf(...args).map(({ pointer }) => pointer);

describe('what is accepted with a warning', () => {
  it.each<RuleAction>(['open_connectwise_ticket', 'sync_connectwise'])(
    '%s where ConnectWise is not set up (F2)',
    (action) => {
      expect(pointers(given(action), new Set(['autotask']))).toEqual(['/action']);
      expect(pointers(given(action), new Set(['connectwise']))).toEqual([]);
      expect(pointers(given(action), null)).toEqual([]);
    },
  );

  it('figures that are pushed after some events only (E40)', () => {
    const severities = { ok: false, warning: true, error: false };
    const some = { severities, allEventTypes: false, eventTypes: ['backup.failed'] } as const;
    const psas = new Set(['autotask'] as const);
    expect(pointers(given('sync_autotask', some), psas)).toEqual([
      '/severities/ok', '/severities/error', '/allEventTypes',
    ]); // prettier-ignore
    expect(pointers(given('open_autotask_ticket', some), psas)).toEqual([]);
  });

  it('nothing of what needs no PSA', () => {
    expect(pointers(given('email'), new Set())).toEqual([]);
  });
});

describe('who has set up what', () => {
  const link = (partnerId: PartnerId, over: Partial<ConnectionPayload> = {}) =>
    ({ partnerId, provider: 'connectwise', isEnabled: true, ...over }) as ConnectionPayload;
  const known = (...links: ConnectionPayload[]) =>
    new PsaLinks({ isReady: true, keys: () => links.map((_, n) => String(n)), get: (n) => links[Number(n)] });

  it('is told of the partner itself, of links that work', () => {
    expect(known(link(PARTNER), link(OTHER, { provider: 'autotask' })).of(PARTNER)).toEqual(
      new Set(['connectwise']),
    );
    expect(known(link(PARTNER, { isEnabled: false })).of(PARTNER)).toEqual(new Set());
    expect(known(link(PARTNER, { needsChange: true })).of(PARTNER)).toEqual(new Set());
  });

  it('is not known before the topic was read', () => {
    expect(new PsaLinks({ isReady: false, keys: () => [], get: () => undefined }).of(PARTNER)).toBeNull();
  });
});
