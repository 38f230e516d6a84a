import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { FaultyPsa } from '../testing/faulty-psa.js';
import { idOf, TestSystem } from '../testing/system.js';
import { Reconciler } from './reconciler.js';

jest.setTimeout(60_000);
Logger.overrideLogger(false);
let system: TestSystem;
let psa: FaultyPsa;
let doubles: number;
let reconciler: Reconciler;

beforeAll(async () => {
  system = await TestSystem.start();
});
afterAll(() => system.close());
beforeEach(async () => {
  await system.empty();
  psa = new FaultyPsa();
  doubles = 0;
  const { dataSource } = system.database;
  const settings = { everyMs: 900_000, batch: 50 };
  reconciler = new Reconciler(dataSource, system.connections, system.ports, settings, (n) => (doubles += n));
  await system.connect(psa);
  await system.raise('failed');
  await system.drain();
  await system.pass(20 * 60_000);
});

const tickets = () =>
  [...psa.fake.tickets.values()].map(({ id, isClosed }) => `${id} ${isClosed ? 'closed' : 'open'}`);
const copy = (id: string) => psa.fake.tickets.set(id, { ...psa.fake.find('1'), id, number: id, notes: [] });
const linked = async () => (await system.query('SELECT ticket_id FROM incident'))[0];

describe('the reconciler', () => {
  it('closes the younger of two tickets with one marker and counts it once', async () => {
    copy('2');
    await reconciler.run();
    await system.pass(7 * 3_600_000);
    await reconciler.run();
    expect(tickets()).toEqual(['1 open', '2 closed']);
    expect(doubles).toBe(1);
  });

  it('follows the older one when we were linked to the younger', async () => {
    copy('2');
    await system.query("UPDATE incident SET ticket_id = '2', ticket_number = '2'");
    await reconciler.run();
    expect(await linked()).toEqual({ ticket_id: '1' });
    await system.resolve('ok');
    await system.drain();
    expect(tickets()).toEqual(['1 closed', '2 closed']);
  });

  it('closes the older one too when the problem is over', async () => {
    copy('2');
    await system.query("UPDATE incident SET ticket_id = '2', ticket_number = '2'");
    await system.resolve('ok');
    await system.drain();
    await reconciler.run();
    expect(tickets()).toEqual(['1 closed', '2 closed']);
  });

  it('links a ticket that nobody linked', async () => {
    await system.query('UPDATE incident SET ticket_id = NULL, ticket_number = NULL');
    await reconciler.run();
    expect(await linked()).toEqual({ ticket_id: '1' });
  });

  it('looks at a create that was tried twice in every round, at others four times a day', async () => {
    const searches = () => psa.calls.filter((call) => call === 'findByMarker').length;
    await reconciler.run();
    await system.pass(16 * 60_000);
    await reconciler.run();
    expect(searches()).toBe(1);
    await system.query('UPDATE command SET tries = 2');
    await reconciler.run();
    expect(searches()).toBe(2);
  });

  it('leaves a lane alone that is at work, and gives back one it held', async () => {
    await system.query("UPDATE lane SET state = 'running'");
    await reconciler.run();
    expect(psa.calls).not.toContain('findByMarker');
    await system.query("UPDATE lane SET state = 'idle'");
    await reconciler.run();
    expect(await system.query('SELECT state FROM lane')).toEqual([{ state: 'idle' }]);
  });

  it('goes on with other partners when one PSA is down', async () => {
    const other = new FaultyPsa();
    await system.connect(other, { partnerId: idOf('other') });
    await system.raise('theirs', { partnerId: idOf('other'), accountNo: 7000 });
    await system.drain();
    await system.pass(20 * 60_000);
    psa.faults.push({ method: 'findByMarker', outcome: 'not_sent' });
    await reconciler.run();
    expect(other.calls).toContain('findByMarker');
    expect(await system.query("SELECT 1 FROM lane WHERE state <> 'idle'")).toEqual([]);
  });
});
