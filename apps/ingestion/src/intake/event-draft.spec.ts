import { describe, expect, it } from '@jest/globals';
import type {
  AccountNo,
  CanonicalEvent,
  CustomerId,
  EndpointId,
  EventTenant,
  PartnerId,
} from '@backhaul/domain';
import { buildJobResult } from '@backhaul/testing';
import { type Draft, eventRowOf, publishedRowOf } from './event-draft.js';

const PARTNER = '00000000-0000-8000-8000-000000000017' as PartnerId;
const ENDPOINT = '00000000-0000-8000-8000-000000000018' as EndpointId;
const TENANT: EventTenant = {
  partnerId: PARTNER,
  brandId: null,
  customerId: 34826 as CustomerId,
  accountNo: 80202028 as AccountNo,
  resolution: 'matched',
};
const BUCKET = 7;

const draftOf = (over: Partial<Draft>): Draft => ({
  result: { ...buildJobResult(), log: { lines: ['a line'], total: 1, truncated: false } },
  agent: 'generic',
  agentVersion: null,
  adapter: 'canonical',
  adapterVersion: '1',
  transport: 'push',
  flags: [],
  runKey: 'run-1',
  runScope: ENDPOINT,
  endpointId: ENDPOINT,
  contentType: 'application/json',
  raw: Buffer.from('{"as":"sent"}'),
  receivedAtMs: Date.UTC(2026, 10, 20, 2),
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  ...over,
});

describe('the row of an event that was published', () => {
  it.each([
    ['of an endpoint', {}],
    ['by an API key', { runScope: PARTNER, endpointId: null }],
    [
      'that was inferred',
      { runScope: 'schedule:80202028', endpointId: null, transport: 'inferred' as const },
    ],
    ['whose run has no name', { runKey: null }],
  ])('is the row of before but for bytes and log lines: one %s', (_, over) => {
    const row = eventRowOf(draftOf(over), TENANT, BUCKET);
    const event = JSON.parse(row.body) as CanonicalEvent;
    expect(publishedRowOf(event, BUCKET, row.traceparent)).toEqual({ ...row, raw: null, detail: null });
  });
});
