import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type PartnerId, wholePartner } from '@backhaul/domain';
import { FaultyPsa } from '../testing/faulty-psa.js';
import { idOf, PARTNER, TestSystem } from '../testing/system.js';
import { IncidentRepository } from './incident.repository.js';
import { ResolveIncidentHandler } from './resolve-incident.handler.js';

jest.setTimeout(60_000);
let system: TestSystem;
let psa: FaultyPsa;
let resolveIncident: ResolveIncidentHandler;
const scope = wholePartner(PARTNER as PartnerId);

beforeAll(async () => {
  system = await TestSystem.start();
  resolveIncident = new ResolveIncidentHandler(
    system.unitOfWork,
    new IncidentRepository(168),
    'connectwise',
    () => undefined,
  );
});
afterAll(() => system.close());
beforeEach(async () => {
  await system.empty();
  psa = new FaultyPsa();
  await system.connect(psa);
  await system.raise('failed');
});

const incidentId = async () =>
  (await system.query<{ id: string }>('SELECT incident_id AS id FROM incident'))[0]?.id ?? '';

describe('resolving by hand', () => {
  it('closes the ticket with a note that says so, and a new failure opens it again', async () => {
    await system.drain();
    await resolveIncident.handle(scope, await incidentId());
    await system.drain();
    expect([...psa.fake.tickets.values()]).toMatchObject([
      { isClosed: true, notes: [expect.stringContaining('resolved by hand')] },
    ]);
    await system.raise('failed again');
    await system.drain();
    expect([...psa.fake.tickets.values()]).toMatchObject([{ isClosed: false }]);
    expect(Object.keys(await system.lastOutcomes())).toEqual([idOf('failed'), idOf('failed again')]);
  });

  it('before the ticket was sent sends none, and tells those who asked for it', async () => {
    await resolveIncident.handle(scope, await incidentId());
    await system.drain();
    expect(psa.calls).toEqual([]);
    expect(await system.lastOutcomes()).toEqual({ [idOf('failed')]: 'superseded self_healed' });
  });

  it('is refused the second time, and to other partners', async () => {
    const id = await incidentId();
    await resolveIncident.handle(scope, id);
    await expect(resolveIncident.handle(scope, id)).rejects.toMatchObject({ status: 409 });
    await expect(resolveIncident.handle(wholePartner(idOf('other') as PartnerId), id)).rejects.toMatchObject({
      status: 404,
    });
  });
});
