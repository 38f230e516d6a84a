import { describe, expect, it } from '@jest/globals';
import { causeOf, factsOf, harmless } from './letter-facts.js';

describe('what is shown of a record that was set aside', () => {
  it('names what it is about, and repeats nothing of what it says', () => {
    const event = { type: 'backup.failed', password: 'hunter2', outcome: { message: 'secret words' }, tenant: { accountNo: 80202028, customerId: 34826 } }; // prettier-ignore
    const { facts, accountNo, custId, isJson, bytes } = factsOf(Buffer.from(JSON.stringify({ event, token: 'bkp_live_x' }))); // prettier-ignore
    expect(facts).toEqual({ type: 'backup.failed', accountNo: 80202028 });
    expect([accountNo, custId, isJson]).toEqual([80202028, 34826, true]);
    expect(bytes).toBeGreaterThan(100);
  });

  it.each([
    ['bytes that are no text', Buffer.from([0xff, 0x00, 0xfe])],
    ['a number', Buffer.from('7')],
    ['nothing', null],
    ['a list', Buffer.from('[1]')],
    ['a tenant that is none', Buffer.from('{"event":{"tenant":7}}')],
    ['an account that is none', Buffer.from('{"accountNo":-1,"event":"x"}')],
  ])('takes %s', (_what, bytes) => {
    expect(factsOf(bytes)).toMatchObject({ accountNo: null, custId: null });
  });

  it('lets no text steer a page or a terminal', () => {
    const { facts } = factsOf(Buffer.from(JSON.stringify({ type: '\u001b[2J<b>\u202e', intent: 'x'.repeat(999) }))); // prettier-ignore
    expect(facts['type']).toBe('\\u001b[2J<b>\\u202e');
    expect(String(facts['intent'])).toHaveLength(200);
    expect(harmless('a\nb')).toBe('a\\u000ab');
  });

  it('groups reasons by what they have in common', () => {
    expect(causeOf('event 0190f3a1-0000-7000-8000-000000000001 has no account 12')).toBe(
      'event # has no account #',
    );
  });
});
