import { expect, it, jest } from '@jest/globals';
import { migrate } from '@backhaul/persistence';
import { FixedClock } from '@backhaul/testing';
import { FactorDemand1763910000000 } from '../migrations/1763910000000-factor-demand.js';
import { Authenticator } from '../passkeys/testing/authenticator.js';
import { addPasskey, demandIn, owedBy, personOf, sessionOf, withTotp } from '../testing/factors.js';
import { PUBLIC_URL, TestRest } from '../testing/rest.js';

jest.setTimeout(60_000);

it('an upgrade demands nothing, and believes of sessions of before what can be known of them', async () => {
  const clock = new FixedClock(new Date());
  const rest = await TestRest.start([], clock);
  try {
    const root = String((await rest.call('GET', 'brands')).body['id']);
    const loggedIn = async () => sessionOf(rest, await personOf(rest, root));
    const [none, totp, passkey] = [await loggedIn(), await loggedIn(), await loggedIn()];
    await withTotp(totp, clock);
    await addPasskey(passkey, new Authenticator(PUBLIC_URL));
    await demandIn(rest, root, true);
    const { dataSource } = rest.database;
    const isThere = async (): Promise<boolean> => {
      const { name } = new FactorDemand1763910000000();
      return (
        (await dataSource.query<unknown[]>('SELECT 1 FROM migrations WHERE name = $1', [name])).length > 0
      );
    };
    while (await isThere()) await dataSource.undoLastMigration();
    await migrate(dataSource);
    expect(await isThere()).toBe(true);
    expect((await rest.call('GET', 'brands')).body).toMatchObject({
      requireSecondFactor: false,
      isSecondFactorRequired: false,
    });
    const owed = (): Promise<unknown[]> => Promise.all([none, totp, passkey].map(owedBy));
    expect(await owed()).toEqual([null, null, null]);
    await demandIn(rest, root, true);
    expect(await owed()).toEqual(['add', null, 'prove']);
  } finally {
    await rest.close();
  }
});
