import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { MapCheckPayload } from '@backhaul/messaging';
import { type Choice, PsaError, type SetupPort } from '@backhaul/psa';
import { FixedClock } from '@backhaul/testing';
import { Logger } from '@nestjs/common';
import { CallBudget } from '../setup/call-budget.js';
import { FaultyPsa } from '../testing/faulty-psa.js';
import { idOf, PARTNER, TestSystem } from '../testing/system.js';
import { MapCheckRepository } from './map-check.repository.js';
import { MapWatch } from './map-watch.js';

Logger.overrideLogger(false);
const DAY_MS = 86_400_000;
const CUSTOMER = 34826;
const clock = new FixedClock();
let system: TestSystem;
/** What the PSA has. */
const companies = new Map<string, Choice>();
/** Ids, one list for each request. */
const asked: (readonly string[])[] = [];
let onAsk: (() => Promise<void>) | null = null;

const put = (id: string, over: Partial<Choice> = {}): void =>
  void companies.set(id, { id, name: id, isDefault: false, isActive: true, ...over });

/** The one question that a look asks of a PSA. */
const port = {
  companies: async (ids: readonly string[]): Promise<Choice[]> => {
    asked.push(ids);
    await onAsk?.();
    return ids.flatMap((id) => companies.get(id) ?? []);
  },
} as Partial<SetupPort> as SetupPort;

const watch = (): MapWatch => {
  const { unitOfWork, connections } = system;
  const maps = new MapCheckRepository(unitOfWork, 'connectwise');
  const budget = new CallBudget(unitOfWork);
  return new MapWatch({ maps, connections, budget, ports: { with: (_link, work) => work(port) }, clock, everyMs: DAY_MS }); // prettier-ignore
};

const told = async (): Promise<[number, string, string[]][]> => {
  const rows = await system.query<{ payload: string }>(
    "SELECT payload FROM outbox WHERE topic = 'psa.map-checks.v1' ORDER BY xid, seq",
  );
  await system.query("DELETE FROM outbox WHERE topic = 'psa.map-checks.v1'");
  return rows
    .map(({ payload }) => JSON.parse(payload) as MapCheckPayload)
    .map(({ custId, psaCompanyId, problems }) => [custId, psaCompanyId, problems]);
};
async function aDayLater(): Promise<void> {
  clock.advance(DAY_MS);
  await system.query(
    `UPDATE psa_connection SET map_checked_at = map_checked_at - interval '25 hours', map_lease_until = map_lease_until - interval '25 hours',
       tokens_at = tokens_at - interval '25 hours'`,
  );
}

beforeAll(async () => {
  system = await TestSystem.start();
});
afterAll(() => system.close());
beforeEach(async () => {
  await system.empty();
  companies.clear();
  asked.length = 0;
  onAsk = null;
  put('250');
  await system.connect(new FaultyPsa());
  await aDayLater();
});

describe('the daily look at customer maps', () => {
  it('leaves a connection that is new to the check before the save', async () => {
    await system.empty();
    await system.connect(new FaultyPsa());
    await watch().run();
    expect(asked).toEqual([]);
  });

  it('D32: tells that a mapped company is gone or inactive, once, and that it is back', async () => {
    await watch().run();
    expect(await told()).toEqual([[CUSTOMER, '250', []]]);
    companies.delete('250');
    await aDayLater();
    await watch().run();
    expect(await told()).toEqual([[CUSTOMER, '250', ['company_gone']]]);
    await aDayLater();
    await watch().run();
    expect(await told()).toEqual([]);
    put('250', { isActive: false, problem: 'company_type' });
    await aDayLater();
    await watch().run();
    expect(await told()).toEqual([[CUSTOMER, '250', ['company_inactive', 'company_type']]]);
    put('250');
    await aDayLater();
    await watch().run();
    expect(await told()).toEqual([[CUSTOMER, '250', []]]);
  });

  it('asks once a day, sixty companies at a time, and only where something is mapped', async () => {
    for (let n = 1; n <= 130; n += 1)
      await system.query('INSERT INTO customer_map VALUES ($1, $2, $3)', [PARTNER, n, String(1000 + n)]);
    await system.query('INSERT INTO customer_map VALUES ($1, 5000, NULL)', [PARTNER]);
    await system.connect(new FaultyPsa(), { partnerId: idOf('other') });
    await system.query('DELETE FROM customer_map WHERE partner_id = $1', [idOf('other')]);
    await aDayLater();
    await Promise.all([watch().run(), watch().run()]);
    expect(asked.map(({ length }) => length)).toEqual([60, 60, 11]);
    expect(await told()).toHaveLength(131);
    await watch().run();
    expect(asked).toHaveLength(3);
    await aDayLater();
    await watch().run();
    expect(asked).toHaveLength(6);
  });

  it('leaves the calls that tickets may need, and goes on from where it was', async () => {
    for (let n = 1; n <= 60; n += 1)
      await system.query('INSERT INTO customer_map VALUES ($1, $2, $3)', [PARTNER, n, String(1000 + n)]);
    await system.query(
      'UPDATE psa_connection SET tokens = 10.9, tokens_at = clock_timestamp(), rate_per_minute = 0.001',
    );
    await watch().run();
    expect(asked.map(({ length }) => length)).toEqual([60]);
    await watch().run();
    expect(asked).toHaveLength(1);
    await system.query("UPDATE psa_connection SET tokens = 20, map_lease_until = '-infinity'");
    await watch().run();
    expect(asked.map((ids) => ids.at(-1))).toEqual(['1060', '250']);
  });

  it.each(["breaker = 'open'", "trouble = 'credential'", 'is_enabled = false', "resume_at = now() + interval '1 hour'"])(
    'asks nothing while %s',
    async (state) => {
      await system.query(`UPDATE psa_connection SET ${state}`);
      await watch().run();
      expect(asked).toEqual([]);
    },
  ); // prettier-ignore

  it('a PSA that refuses is asked again an hour later; what it says of waiting holds for tickets too', async () => {
    onAsk = async () => {
      throw new PsaError({ outcome: 'retry_after', reason: 'rate_limited', retryAfterMs: 60_000 });
    };
    await watch().run();
    await watch().run();
    expect([asked.length, await told()]).toEqual([1, []]);
    expect(await system.connection()).toMatchObject([{ trouble: 'rate_limited' }]);
    onAsk = null;
    await system.query("UPDATE psa_connection SET resume_at = '-infinity', map_lease_until = map_lease_until - interval '1 hour'"); // prettier-ignore
    await watch().run();
    expect(await told()).toEqual([[CUSTOMER, '250', []]]);
  });

  it('says nothing of a customer that was mapped anew while the PSA answered', async () => {
    companies.clear();
    onAsk = () => system.map(PARTNER, '251');
    await watch().run();
    expect([asked, await told()]).toEqual([[['250']], []]);
  });
});
