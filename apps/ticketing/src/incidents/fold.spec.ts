import { describe, expect, it } from '@jest/globals';
import type { EventId } from '@backhaul/domain';
import { type Fold, fold, type FoldedIncident, type PendingCommand } from './fold.js';

const sent = (kind: PendingCommand['kind']): PendingCommand => ({
  commandId: `sent ${kind}`,
  kind,
  wasSent: true,
});
const planned = (kind: PendingCommand['kind']): PendingCommand => ({ commandId: kind, kind, wasSent: false });
const incidentOf = (over: Partial<FoldedIncident> = {}): FoldedIncident => ({
  state: 'open',
  severity: 'WARNING',
  lastEventId: 'e1' as EventId,
  hasTicket: true,
  isReopenable: true,
  pending: [],
  ...over,
});
const raise = { eventId: 'e2' as EventId, intent: 'raise', severity: 'ERROR' } as const;
const resolve = { eventId: 'e2' as EventId, intent: 'resolve', severity: 'OK' } as const;
const [EARLIER, NOW, LATER, BY_HAND] = [
  '019a0000-0000-7000-8000-000000000001',
  '019a0000-0000-7000-8000-000000000002',
  '019a0000-0000-7000-8000-000000000003',
  '009a0000-0000-8000-8000-000000000003',
] as [EventId, EventId, EventId, EventId];
const again = { ...raise, eventId: 'e1' as EventId };

describe('fold', () => {
  it.each<[string, FoldedIncident | null, typeof raise | typeof resolve, Partial<Fold>]>([
    ['a first problem makes a ticket (E1)', null, raise, { incident: 'new', add: 'create' }],
    ['a repeat makes a note (F34)', incidentOf(), raise, { incident: 'keep', add: 'note', severity: 'ERROR' }],
    ['a repeat joins a ticket that is not sent', incidentOf({ hasTicket: false, pending: [planned('create')] }), raise, { join: 'create', add: null }],
    ['a repeat joins a note that is not sent', incidentOf({ pending: [planned('note')] }), raise, { join: 'note', add: null }],
    ['a repeat stands behind a ticket that may be on its way', incidentOf({ hasTicket: false, pending: [sent('create')] }), raise, { add: 'note' }],
    ['a heal closes (E2)', incidentOf(), resolve, { incident: 'resolve', add: 'close', drop: [] }],
    ['a heal before the ticket was sent leaves nothing (T25)', incidentOf({ hasTicket: false, pending: [planned('create')] }), resolve, { incident: 'resolve', add: null, drop: ['create'], outcome: 'self_healed' }],
    ['a heal after a doubtful creation closes what may be there', incidentOf({ hasTicket: false, pending: [sent('create')] }), resolve, { add: 'close' }],
    ['a heal takes the waiting note along', incidentOf({ pending: [planned('note')] }), resolve, { add: 'close', drop: ['note'] }],
    ['a return within the window opens the ticket again', incidentOf({ state: 'resolved' }), raise, { incident: 'reopen', add: 'reopen' }],
    ['a return after the window is a new problem', incidentOf({ state: 'resolved', isReopenable: false }), raise, { incident: 'new', add: 'create' }],
    ['a return before the closing was sent takes it back', incidentOf({ state: 'resolved', pending: [planned('close')] }), raise, { incident: 'reopen', drop: ['close'], add: 'note' }],
    ['a heal before the reopening was sent takes it back', incidentOf({ pending: [planned('reopen')] }), resolve, { drop: ['reopen'], add: null, outcome: 'self_healed' }],
    [
      'a heal keeps a closing that never left, and takes the reopening behind it back',
      incidentOf({ pending: [planned('close'), planned('reopen')] }),
      resolve,
      { incident: 'resolve', drop: ['reopen'], add: null, join: 'close', outcome: null },
    ],
    ['a return of what never had a ticket is new', incidentOf({ state: 'resolved', hasTicket: false }), raise, { incident: 'new', add: 'create' }],
    ['a heal of nothing is nothing', null, resolve, { incident: 'none', outcome: 'nothing_open' }],
    ["another rule's request of one event waits with the first (F10)", incidentOf({ pending: [planned('create')] }), again, { incident: 'none', join: 'create', outcome: null }],
    ["another rule's request of a finished event is answered", incidentOf(), again, { incident: 'none', join: null, outcome: 'same_event' }],
  ])('%s', (_what, incident, request, expected) => {
    expect(fold(incident, request)).toMatchObject(expected);
  }); // prettier-ignore

  it.each<[string, FoldedIncident | null, Partial<Fold>]>([
    ['what waits is waited for', incidentOf({ pending: [planned('create')] }), { join: 'create', add: null }],
    ['what may be on its way is waited for', incidentOf({ pending: [sent('create')] }), { join: 'sent create', add: null }],
    ['the open ticket gets a note', incidentOf(), { incident: 'keep', add: 'note' }],
    ['a resolved one stays', incidentOf({ state: 'resolved', lastEventId: LATER }), { add: null, outcome: 'already_resolved' }],
    ['one resolved by hand stays', incidentOf({ state: 'resolved', lastEventId: BY_HAND }), { add: null, outcome: 'already_resolved' }],
    ['an event after the end begins anew', incidentOf({ state: 'resolved', lastEventId: EARLIER }), { incident: 'reopen', add: 'reopen' }],
    ['without an incident a ticket is opened', null, { incident: 'new', add: 'create' }],
  ])('reprocessed: %s (F19)', (_what, incident, expected) => {
    const request = { ...raise, eventId: NOW, isReprocessed: true };
    expect(fold(incident, request)).toMatchObject(expected);
  }); // prettier-ignore

  it('keeps a severity that was worse', () => {
    expect(fold(incidentOf({ severity: 'ERROR' }), { ...raise, severity: 'WARNING' }).severity).toBe('ERROR');
  });
});
