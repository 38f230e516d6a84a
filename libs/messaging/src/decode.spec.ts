import { describe, expect, it } from '@jest/globals';
import type { KafkaMessage } from 'kafkajs';
import { PoisonError } from './dead-letter.js';
import { decode } from './decode.js';
import { accountsCustomers } from './topics/accounts-customers.js';
import { connectwiseTicketRequests } from './topics/ticket-requests.js';
import type { Topic } from './topics/topic.js';

const ID = '0190b7a0-0000-7000-8000-000000000001';
const envelope = {
  id: 'e1',
  'occurred-at': '2026-11-21T00:00:00.000Z',
  'partner-id': ID,
  'correlation-id': 'c1',
};
const customer = { partnerId: ID, custId: 34826, brandId: null, name: 'ACME Corp' };
const request = {
  requestId: ID,
  eventId: ID,
  ruleId: ID,
  ruleName: 'Open a ticket',
  partnerId: ID,
  custId: 34826,
  accountNo: 80202028,
  incidentKey: 'job:DB-2:backup',
  intent: 'raise',
  severity: 'ERROR',
  occurredAt: '2026-11-21T00:00:00.000Z',
  subject: { eventType: 'backup.failed', agent: 'duplicati', status: 'failed' },
};

function message(value: unknown, headers: Record<string, string> = envelope): KafkaMessage {
  const bytes =
    value === null ? null : Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
  return {
    key: Buffer.from('k'),
    value: bytes,
    headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
    offset: '7',
    timestamp: '0',
    attributes: 0,
  };
}

function classOfFailure(topic: Topic<object>, given: KafkaMessage): string {
  try {
    decode(topic, given, 0);
  } catch (error) {
    if (error instanceof PoisonError) return error.deadLetterClass;
    throw error;
  }
  return 'taken';
}

describe('reading a record', () => {
  it('hands over payload, key and envelope', () => {
    expect(decode(accountsCustomers, message(customer), 3)).toMatchObject({
      payload: customer,
      key: 'k',
      partition: 3,
      offset: '7',
      envelope: { id: 'e1', partnerId: ID, correlationId: 'c1', causationId: null },
    });
  });

  it('lets fields pass that it does not know: a newer producer may add them', () => {
    const newer = { ...customer, loyaltyTier: 'gold' };
    expect(decode(accountsCustomers, message(newer), 0).payload).toEqual(newer);
  });

  it('takes an optional field as null or absent', () => {
    const { brandId: _brandId, ...without } = customer;
    expect(classOfFailure(accountsCustomers, message(without))).toBe('taken');
    expect(classOfFailure(accountsCustomers, message({ ...customer, brandId: null }))).toBe('taken');
  });

  it('hands a tombstone over as null, on compacted topics alone', () => {
    expect(decode(accountsCustomers, message(null), 0).payload).toBeNull();
    expect(classOfFailure(connectwiseTicketRequests, message(null))).toBe('decode');
  });

  it.each([
    ['broken JSON', '{"partnerId": ', 'decode'],
    ['no bytes at all', '', 'decode'],
    ['a list', [], 'schema'],
    ['a bare null in JSON', 'null', 'schema'],
    ['a missing field', { partnerId: ID, custId: 1 }, 'schema'],
    ['a number as text', { ...customer, custId: '34826' }, 'schema'],
    ['an id that is none', { ...customer, partnerId: 'x' }, 'schema'],
  ])('says what is wrong with %s', (_what, value, expected) => {
    expect(classOfFailure(accountsCustomers, message(value))).toBe(expected);
  });

  it('tells a word of a newer producer from a record that is wrong', () => {
    const newer = { ...request, intent: 'escalate' };
    expect(classOfFailure(connectwiseTicketRequests, message(request))).toBe('taken');
    expect(classOfFailure(connectwiseTicketRequests, message(newer))).toBe('unknown-type');
    expect(classOfFailure(connectwiseTicketRequests, message({ ...newer, custId: null }))).toBe('schema');
  });

  it.each(['id', 'occurred-at', 'partner-id'])('refuses a record without %s in its envelope', (name) => {
    const { [name as 'id']: _dropped, ...rest } = envelope;
    expect(classOfFailure(accountsCustomers, message(customer, rest))).toBe('decode');
  });
});
