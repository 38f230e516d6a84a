import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decideTicket } from './index.js';
import type { EventId, IncidentView, Severity, TicketDecision } from './index.js';

const incident = (over: Partial<IncidentView> = {}): IncidentView => ({
  state: 'open',
  severity: 'WARNING',
  lastEventId: 'e1' as EventId,
  ...over,
});
const raise = (severity: Severity = 'ERROR', eventId = 'e2') => ({
  eventId: eventId as EventId,
  intent: 'raise' as const,
  severity,
});
const resolve = (eventId = 'e2') => ({ ...raise('OK', eventId), intent: 'resolve' as const });

describe('decideTicket', () => {
  it.each<
    [string, TicketDecision, IncidentView | null, ReturnType<typeof raise> | ReturnType<typeof resolve>]
  >([
    ['a first problem opens', { kind: 'open' }, null, raise()],
    ['a repeated failure adds a note (F34)', { kind: 'note' }, incident({ severity: 'ERROR' }), raise()],
    ['a milder repeat adds a note', { kind: 'note' }, incident({ severity: 'ERROR' }), raise('WARNING')],
    ['a worse repeat escalates', { kind: 'escalate', from: 'WARNING', to: 'ERROR' }, incident(), raise()],
    ['what came back reopens', { kind: 'reopen_or_new' }, incident({ state: 'resolved' }), raise()],
    ['an OK event resolves (F33)', { kind: 'resolve' }, incident(), resolve()],
    ['an OK event without a problem is ignored', { kind: 'ignore', reason: 'nothing_open' }, null, resolve()],
    [
      'a second OK event is ignored',
      { kind: 'ignore', reason: 'already_resolved' },
      incident({ state: 'resolved' }),
      resolve(),
    ],
    [
      "two rules' raises of one event act once (F10)",
      { kind: 'ignore', reason: 'same_event' },
      incident(),
      raise('ERROR', 'e1'),
    ],
    [
      "two rules' resolves of one event act once (F10)",
      { kind: 'ignore', reason: 'same_event' },
      incident({ state: 'resolved' }),
      resolve('e1'),
    ],
  ])('%s', (_what, decision, view, request) => {
    expect(decideTicket(view, request)).toEqual(decision);
  });

  it('keeps one open incident, as a model of open and closed says, for any course of events and doubled rules', () => {
    const step = fc.record({
      intent: fc.constantFrom('raise' as const, 'resolve' as const),
      rules: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        let view: IncidentView | null = null;
        let open = false;
        steps.forEach(({ intent, rules }, index) => {
          const eventId = `event-${index}` as EventId;
          const acted: TicketDecision[] = [];
          for (let rule = 0; rule < rules; rule += 1) {
            const decision = decideTicket(view, { eventId, intent, severity: 'ERROR' });
            if (decision.kind === 'ignore') continue;
            acted.push(decision);
            view = {
              state: intent === 'raise' ? 'open' : 'resolved',
              severity: 'ERROR',
              lastEventId: eventId,
            };
          }
          expect(acted).toHaveLength(intent === 'raise' || open ? 1 : 0);
          open = intent === 'raise';
          expect(view?.state === 'open').toBe(open);
        });
      }),
    );
  });
});
