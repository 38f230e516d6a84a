import { describe, expect, it } from '@jest/globals';
import { envelopeOf, toRecord } from './record.js';
import { accountsPartners } from './topics/accounts-partners.js';

const envelope = {
  id: 'e1',
  occurredAt: '2026-11-21T00:00:00.000Z',
  partnerId: 'p1',
  correlationId: 'c1',
  causationId: 'e0',
};
const partner = { partnerId: 'p1', name: 'ACME', isSuspended: false };

describe('a record', () => {
  it('takes its key from the payload and carries the envelope in headers', () => {
    const record = toRecord(accountsPartners, partner, envelope);
    expect(record).toMatchObject({
      topic: 'accounts.partners.v1',
      key: 'p1',
      value: JSON.stringify(partner),
    });
    expect(envelopeOf(record.headers)).toEqual(envelope);
  });

  it('has no causation header when nothing caused it', () => {
    const record = toRecord(accountsPartners, partner, { ...envelope, causationId: null });
    expect(record.headers).not.toHaveProperty('causation-id');
    expect(envelopeOf(record.headers).causationId).toBeNull();
  });

  it('of null is a tombstone, and needs its key', () => {
    expect(toRecord(accountsPartners, null, envelope, 'p1')).toMatchObject({ key: 'p1', value: null });
    expect(() => toRecord(accountsPartners, null, envelope)).toThrow(/tombstone of accounts.partners.v1/);
  });
});
