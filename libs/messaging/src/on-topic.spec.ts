import { describe, expect, it } from '@jest/globals';
import type { Delivered } from './decode.js';
import { assertComplete } from './handlers.js';
import { Failed, OnTopic } from './on-topic.js';
import { accountsCustomers, type CustomerPayload } from './topics/accounts-customers.js';
import { accountsPartners, type PartnerPayload } from './topics/accounts-partners.js';

class Right {
  @OnTopic(accountsPartners)
  async onPartners(batch: Delivered<PartnerPayload>[]): Promise<void> {
    if (batch.length === 0) throw new Error('nothing came');
  }
}

class Wrong {
  // @ts-expect-error the method takes another topic's payload
  @OnTopic(accountsPartners)
  async onCustomers(_batch: Delivered<CustomerPayload>[]): Promise<void> {}
}

describe('@OnTopic', () => {
  it('does not compile on a method of another payload', () => {
    expect(new Wrong()).toBeDefined();
  });

  it('carries an error past the framework as a value', async () => {
    const answer: unknown = await new Right().onPartners([]);
    expect(answer).toBeInstanceOf(Failed);
    expect((answer as Failed).error).toMatchObject({ message: 'nothing came' });
  });
});

describe('the check before a service starts', () => {
  const topics = [accountsPartners, accountsCustomers];
  const names = topics.map(({ name }) => name);

  it('is content with exactly one handler for each topic', () => {
    expect(() => assertComplete('ingestion', topics, names)).not.toThrow();
  });

  it.each([
    ['a topic without handler', [names[0] as string], /nothing handles accounts.customers.v1/],
    ['a handler without topic', [...names, 'backup.events.v1'], /backup.events.v1 has a handler, but/],
    ['two handlers of a topic', [...names, names[0] as string], /two handlers of accounts.partners.v1/],
  ])('names %s', (_what, handled, message) => {
    expect(() => assertComplete('ingestion', topics, handled)).toThrow(message);
  });
});
