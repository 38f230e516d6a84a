import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { FaultyPsa } from '../testing/faulty-psa.js';
import { idOf, TestSystem } from '../testing/system.js';

jest.setTimeout(60_000);
Logger.overrideLogger(false);
const DAY_MS = 24 * 3_600_000;
let system: TestSystem;
let psa: FaultyPsa;
beforeAll(async () => {
  system = await TestSystem.start();
});
afterAll(() => system.close());
beforeEach(async () => {
  await system.empty();
  psa = new FaultyPsa();
  await system.connect(psa);
});

const ticket = (id: string) => psa.fake.find(id);
const tickets = () => [...psa.fake.tickets.values()];
const said = async (event: string): Promise<string | undefined> => (await system.lastOutcomes())[idOf(event)];
const raised = async (event: string, incidentKey?: string): Promise<void> => {
  await system.raise(event, incidentKey === undefined ? {} : { incidentKey });
  await system.drain();
};
const healed = async (event: string): Promise<void> => {
  await system.resolve(event);
  await system.drain();
};

describe('tickets that people merged (E64)', () => {
  beforeEach(async () => {
    await raised('first');
    await raised('other', 'other');
    await raised('third', 'third');
  });

  it('are followed to the last of a chain, the closing as well; the parent stays open', async () => {
    Object.assign(ticket('1'), { mergedInto: '2', isClosed: true });
    Object.assign(ticket('2'), { mergedInto: '3', isClosed: true });
    await raised('again');
    await healed('healed');
    expect([await said('again'), await said('healed')]).toEqual(['done merged', 'done merged']);
    expect(ticket('3')).toMatchObject({
      isClosed: false,
      notes: [expect.stringContaining('Seen 2 times'), expect.stringContaining('Closed automatically')],
    });
    expect([ticket('1').notes, tickets().length]).toEqual([[], 3]);
  });

  it('come to an end where they were merged in a circle', async () => {
    Object.assign(ticket('1'), { mergedInto: '2', isClosed: true });
    Object.assign(ticket('2'), { mergedInto: '1', isClosed: true });
    await raised('again');
    expect([await said('again'), tickets().length]).toEqual(['done merged', 3]);
  });

  it('whose parent was deleted are opened again themselves', async () => {
    Object.assign(ticket('1'), { mergedInto: '3', isClosed: true });
    psa.fake.tickets.delete('3');
    await raised('again');
    expect([await said('again'), ticket('1').isClosed]).toEqual(['done reopened', false]);
  });

  it('and came back within the time write to the parent, too, and open nothing', async () => {
    await healed('healed');
    Object.assign(ticket('1'), { mergedInto: '3' });
    await raised('back');
    expect([await said('back'), tickets().length]).toEqual(['done merged', 3]);
    expect(ticket('3').notes).toHaveLength(1);
  });
});

describe('tickets that people moved or made children (E64)', () => {
  it.each([
    ['moved', { placeId: '2' }],
    ['child', { parentId: '9' }],
  ])('%s: goes on with a warning on each event until it is undone', async (reason, change) => {
    await raised('first');
    Object.assign(ticket('1'), change);
    await raised('again');
    expect(await said('again')).toBe(`done ${reason}`);
    const [entry] = await system.query<{ text: string }>(
      "SELECT text FROM incident_entry WHERE kind = 'noted' ORDER BY entry_id DESC",
    );
    expect(entry?.text).toContain(reason === 'moved' ? 'Move it back' : 'Take it out of the bundle');
    Object.assign(ticket('1'), { placeId: '1', parentId: null });
    await raised('once more');
    expect([await said('once more'), tickets().length]).toEqual(['done noted', 1]);
  });

  it('a child that its open parent closed is written to the parent; that we closed it is no merging', async () => {
    await raised('first');
    await raised('other', 'other');
    Object.assign(ticket('1'), { parentId: '2', isClosed: true });
    await raised('again');
    expect([await said('again'), ticket('2').notes.length, tickets().length]).toEqual(['done merged', 1, 2]);
    ticket('1').isClosed = false;
    await healed('healed');
    await raised('back');
    expect([await said('healed'), await said('back')]).toEqual(['done child', 'done child']);
    expect([ticket('1').isClosed, ticket('2').notes.length]).toEqual([false, 1]);
  });
});

describe('tickets that people closed or deleted', () => {
  it('closed while the problem lasts are opened again within the time, and replaced after it (E1)', async () => {
    await raised('first');
    ticket('1').isClosed = true;
    await raised('soon');
    expect([await said('soon'), ticket('1').isClosed]).toEqual(['done reopened', false]);
    ticket('1').isClosed = true;
    await system.pass(8 * DAY_MS);
    await raised('late');
    expect([await said('late'), tickets().length]).toEqual(['done opened', 2]);
    expect(ticket('1').isClosed).toBe(true);
  });

  it('a problem that returns opens its ticket again within the time, and a new one after it (E2)', async () => {
    await raised('first');
    await healed('healed');
    await system.pass(6 * DAY_MS);
    await raised('back');
    expect([await said('back'), tickets().length]).toEqual(['done reopened', 1]);
    await healed('healed again');
    await system.pass(8 * DAY_MS);
    await raised('back late');
    expect([await said('back late'), tickets().length]).toEqual(['done opened', 2]);
  });

  it('deleted are replaced once while the problem lasts, and not at all once it is over', async () => {
    await raised('first');
    psa.fake.tickets.delete('1');
    await raised('again');
    await raised('and again');
    expect([await said('again'), await said('and again')]).toEqual(['done opened', 'done noted']);
    expect(tickets()).toHaveLength(1);
    psa.fake.tickets.clear();
    await healed('healed');
    expect([await said('healed'), tickets().length]).toEqual(['skipped ticket_deleted', 0]);
  });

  it('deleted after they were closed are not opened again: the problem that returns opens a new one', async () => {
    await raised('first');
    await healed('healed');
    psa.fake.tickets.clear();
    await raised('back');
    expect([await said('back'), tickets().length]).toEqual(['done opened', 1]);
  });

  it('closed by hand and then healed stay closed', async () => {
    await raised('first');
    ticket('1').isClosed = true;
    await healed('healed');
    expect([await said('healed'), ticket('1').isClosed, tickets().length]).toEqual([
      'done resolved',
      true,
      1,
    ]);
  });
});
