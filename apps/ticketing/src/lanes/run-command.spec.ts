import { describe, expect, it } from '@jest/globals';
import { buildTicketRequest } from '@backhaul/testing';
import { FaultyPsa } from '../testing/faulty-psa.js';
import type { HeadCommand } from './lane.repository.js';
import { LeaseLost, NotSettled, runCommand, type RunContext, settleMsOf } from './run-command.js';

const MARKER = 'BKABCDEFGHIJKLMNOP';
const NOW = new Date('2026-11-20T12:00:00.000Z');

const commandOf = (over: Partial<HeadCommand> = {}): HeadCommand => ({
  commandId: '00000000-0000-8000-8000-000000000001',
  kind: 'create',
  status: 'planned',
  content: {
    severity: 'ERROR',
    occurredAt: NOW.toISOString(),
    occurrences: 1,
    subject: buildTicketRequest().subject,
  },
  sentAt: null,
  now: NOW,
  incidentId: '00000000-0000-8000-8000-000000000002',
  marker: MARKER,
  ticketId: null,
  ticketNumber: null,
  incidentState: 'open',
  custId: 34826,
  accountNo: 80202028,
  partnerId: '00000000-0000-8000-8000-000000000003',
  customerName: 'ACME Corp',
  brandId: null,
  ticketPlace: null,
  username: 'acme',
  psaCompanyId: '250',
  isForgotten: false,
  ...over,
});

function contextOf(psa: FaultyPsa, over: Partial<RunContext> = {}): RunContext {
  return {
    port: psa.port(),
    command: commandOf(),
    wasSent: false,
    settleMs: 5000,
    signal: new AbortController().signal,
    isFresh: () => true,
    markAgain: async () => true,
    ...over,
  };
}
const sentBefore = (ms: number) => ({
  command: commandOf({ status: 'unknown', sentAt: new Date(NOW.getTime() - ms) }),
  wasSent: true,
});

describe('a create', () => {
  it('is sent at once the first time, without a search', async () => {
    const psa = new FaultyPsa();
    await expect(runCommand(contextOf(psa))).resolves.toMatchObject({ reason: 'opened' });
    expect(psa.calls).toEqual(['create']);
  });

  it('is not sent again before it has settled, and says how long that is', async () => {
    const psa = new FaultyPsa();
    await expect(runCommand(contextOf(psa, sentBefore(4000)))).rejects.toEqual(new NotSettled(1000));
    expect(psa.calls).toEqual(['findByMarker']);
  });

  it('is sent again once it has settled and is marked anew', async () => {
    const psa = new FaultyPsa();
    let marks = 0;
    const markAgain = async () => ++marks > 0;
    await runCommand(contextOf(psa, { ...sentBefore(5000), markAgain }));
    expect(psa.calls).toEqual(['findByMarker', 'create']);
    expect(marks).toBe(1);
  });

  it('is not sent when the lane belongs to another by now', async () => {
    const psa = new FaultyPsa();
    const lost = contextOf(psa, { ...sentBefore(5000), markAgain: async () => false });
    await expect(runCommand(lost)).rejects.toThrow(LeaseLost);
    expect(psa.calls).toEqual(['findByMarker']);
  });

  it('is marked anew when its mark has grown old, and not sent when that one has too', async () => {
    const psa = new FaultyPsa();
    const fresh = [false, true];
    await runCommand(contextOf(psa, { isFresh: () => fresh.shift() ?? false }));
    expect(psa.calls).toEqual(['create']);
    await expect(runCommand(contextOf(psa, { isFresh: () => false }))).rejects.toThrow(LeaseLost);
    expect(psa.calls).toEqual(['create']);
  });

  it('settles after beginning, call, index and tolerance', () => {
    expect(settleMsOf({ requestTimeoutMs: 30_000, searchLagMs: 10_000 })).toBe(42_000);
  });
});
