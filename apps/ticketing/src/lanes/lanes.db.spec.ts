import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { FaultyPsa } from '../testing/faulty-psa.js';
import { ACCOUNT, buildConnection, idOf, PARTNER, TestSystem } from '../testing/system.js';

jest.setTimeout(60_000);
Logger.overrideLogger(false);
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

const tickets = () => [...psa.fake.tickets.values()];
const lane = async () =>
  (
    await system.query<{ state: string; reason: string | null; attempts: number }>(
      'SELECT state, reason, attempts FROM lane',
    )
  )[0];

describe('a lane', () => {
  it('opens one ticket, notes what happens again and closes it when the problem heals (E1, E2, F34)', async () => {
    await system.raise('failed 1');
    await system.drain();
    await system.raise('failed 2');
    await system.drain();
    await system.resolve('ok');
    await system.drain();
    expect(tickets()).toHaveLength(1);
    expect(tickets()[0]).toMatchObject({
      isClosed: true,
      notes: [expect.stringContaining('Seen 2 times'), expect.stringContaining('Resolved')],
    });
    expect(await system.lastOutcomes()).toEqual({
      [idOf('failed 1')]: 'done opened',
      [idOf('failed 2')]: 'done noted',
      [idOf('ok')]: 'done resolved',
    });
    expect(await lane()).toMatchObject({ state: 'idle' });
  });

  it.each([
    [true, 1],
    [false, 2],
  ])(
    'in a database of before a ticket was made, searching first (%s) ends with %i tickets',
    async (looksFirst, count) => {
      await system.raise('failed');
      await system.drain();
      // What a restore to a moment before leaves; Kafka brings the request again.
      await system.query('TRUNCATE command_request, command, lane, incident_entry, incident, inbox, outbox');
      await system.raise('failed');
      await system.drain(system.executeHeadWith(system.unitOfWork, looksFirst));
      expect(tickets()).toHaveLength(count);
      expect(await system.lastOutcomes()).toEqual({ [idOf('failed')]: 'done opened' });
      await system.resolve('ok');
      await system.drain();
      expect(tickets().filter(({ isClosed }) => isClosed)).toHaveLength(1);
    },
  );

  it('in a database of before a note and a close, looking first ends with the notes that stood there', async () => {
    const looking = (): Promise<unknown> => system.drain(system.executeHeadWith(system.unitOfWork, true));
    const gap = async (drain: () => Promise<unknown>): Promise<void> => {
      await system.raise('failed 2');
      await drain();
      await system.resolve('ok');
      await drain();
    };
    await system.raise('failed 1');
    await system.drain();
    await gap(() => system.drain());
    const notes = tickets()[0]?.notes.slice();
    expect(notes).toHaveLength(2);
    await system.query('TRUNCATE command_request, command, lane, incident_entry, incident, inbox, outbox');
    await system.raise('failed 1');
    await looking();
    await gap(looking);
    expect(tickets()).toMatchObject([{ isClosed: true, notes }]);
  });

  it('says nothing to the PSA of a problem that healed before its ticket was sent (T25)', async () => {
    await system.raise('failed');
    await system.resolve('ok');
    await system.drain();
    expect(psa.calls).toEqual([]);
    expect(await system.lastOutcomes()).toEqual({
      [idOf('failed')]: 'superseded self_healed',
      [idOf('ok')]: 'superseded self_healed',
    });
  });

  it('keeps no more than three commands of a problem however often it comes and goes while the PSA is away', async () => {
    psa.faults.push({ method: 'create', outcome: 'unknown', isDone: true });
    await system.raise('failed 0');
    await system.drain();
    for (let day = 1; day <= 40; day += 1) {
      await system.raise(`failed ${day}`);
      if (day % 3 === 0) await system.resolve(`ok ${day}`);
    }
    const [row] = await system.query<{ count: number }>(
      "SELECT count(*)::int AS count FROM command WHERE status IN ('planned', 'sending', 'unknown')",
    );
    expect(row?.count).toBeLessThanOrEqual(3);
    await system.pass(3_600_000);
    await system.drain();
    expect(tickets()).toHaveLength(1);
    expect(tickets()[0]?.isClosed).toBe(false);
    const said = Object.values(await system.lastOutcomes());
    expect(said).toHaveLength(41 + 13);
    expect(said.filter((outcome) => outcome.startsWith('pending'))).toEqual([]);
  });

  it('acts once on an event however many rules match and however often it is delivered (F10, F19)', async () => {
    const requests = ['a', 'b', 'c'].map((rule) => system.request('failed', { ruleId: idOf(rule) }));
    await Promise.all([system.foldRequests.handle(requests), system.foldOf().handle(requests.toReversed())]);
    await system.foldRequests.handle(requests);
    await system.drain();
    expect(tickets()).toHaveLength(1);
    expect(await system.query('SELECT 1 FROM incident')).toHaveLength(1);
    expect(await system.outcomes()).toHaveLength(3);
  });

  it('waits in attention for the customer to be mapped, and a heal sets it free', async () => {
    await system.map(PARTNER, null);
    await system.raise('failed');
    await system.drain();
    expect(await lane()).toMatchObject({ state: 'attention', reason: 'unmapped_customer' });
    await system.resolve('ok');
    await system.map(PARTNER, '250');
    await system.raise('failed again');
    await system.drain();
    expect(tickets()).toHaveLength(1);
    expect(await lane()).toMatchObject({ state: 'idle' });
  });

  it('keeps a refused ticket for a person, folding what follows into it', async () => {
    psa.faults.push({ method: 'create', outcome: 'definitive' });
    await system.raise('failed 1');
    await system.drain();
    await system.raise('failed 2', { severity: 'ERROR' });
    await system.drain();
    expect(await lane()).toMatchObject({ state: 'attention', reason: 'invalid_field' });
    expect(psa.calls.filter((call) => call === 'create')).toHaveLength(1);
    // A setting put right.
    await system.connect(psa, { ticketing: { boardId: 2 } });
    await system.drain();
    expect(tickets()).toHaveLength(1);
    expect(await system.lastOutcomes()).toEqual({
      [idOf('failed 1')]: 'done opened',
      [idOf('failed 2')]: 'done opened',
    });
  });

  it('leaves out a refused note and goes on', async () => {
    await system.raise('failed 1');
    await system.drain();
    psa.faults.push({ method: 'addNote', outcome: 'definitive' });
    await system.raise('failed 2');
    await system.resolve('ok');
    await system.drain();
    await system.raise('failed 3');
    await system.drain();
    expect(tickets()).toHaveLength(1);
    expect(tickets()[0]?.isClosed).toBe(false);
  });

  it.each([
    ['no connection', async () => system.query('DELETE FROM psa_connection'), 'skipped not_connected'],
    ['a connection switched off', async () => system.connect(psa, { isEnabled: false }), 'skipped disabled'],
    [
      'a queue set to Do Not Map (D26)',
      async () => system.connect(psa, { ticketing: { queueId: null } }),
      'skipped do_not_map',
    ],
    [
      'a customer that is not mapped',
      async () => system.map(buildConnection().partnerId, null),
      'failed unmapped_customer',
    ],
  ])('D16, D44: opens nothing with %s, and says why', async (_what, arrange, said) => {
    await arrange();
    await system.raise('failed');
    await system.drain();
    expect(psa.calls).toEqual([]);
    expect(await system.lastOutcomes()).toEqual({ [idOf('failed')]: said });
  });
});

describe('people at the PSA', () => {
  beforeEach(async () => {
    await system.raise('failed 1');
    await system.drain();
  });

  it('who delete a ticket while the problem lasts get one new one, with the note in it', async () => {
    psa.fake.tickets.clear();
    await system.raise('failed 2');
    await system.raise('failed 3');
    await system.drain();
    expect(tickets()).toHaveLength(1);
    expect(await system.lastOutcomes()).toMatchObject({
      [idOf('failed 2')]: 'done opened',
      [idOf('failed 3')]: 'done opened',
    });
    await system.resolve('ok');
    await system.drain();
    expect(tickets()).toMatchObject([{ isClosed: true }]);
    expect(await system.query("SELECT 1 FROM incident WHERE state = 'open'")).toEqual([]);
  });

  it('who delete a ticket whose problem is gone get none', async () => {
    psa.fake.tickets.clear();
    await system.resolve('ok');
    await system.drain();
    expect(tickets()).toEqual([]);
    expect(await system.lastOutcomes()).toMatchObject({ [idOf('ok')]: 'skipped ticket_deleted' });
  });

  it('who close a ticket while the problem lasts see it opened again with a note', async () => {
    const [ticket] = tickets();
    if (ticket) ticket.isClosed = true;
    await system.raise('failed 2');
    await system.drain();
    expect(tickets()).toMatchObject([{ isClosed: false, notes: [expect.stringContaining('Seen 2 times')] }]);
  });

  it('who closed it longer ago than the window get a new one', async () => {
    const [ticket] = tickets();
    if (ticket) ticket.isClosed = true;
    await system.pass(8 * 86_400_000);
    await system.raise('failed 2');
    await system.drain();
    expect(tickets().map(({ isClosed }) => isClosed)).toEqual([true, false]);
  });

  it('who merge it find the notes at its parent, and no new ticket (E64)', async () => {
    const [ticket] = tickets();
    const parent = { ...psa.fake.find('1'), id: '77', number: '77', marker: null, notes: [] };
    psa.fake.tickets.set('77', parent);
    Object.assign(ticket ?? {}, { isClosed: true, mergedInto: '77' });
    await system.raise('failed 2');
    await system.resolve('ok');
    await system.drain();
    expect(tickets()).toHaveLength(2);
    expect(parent).toMatchObject({ isClosed: false, notes: [expect.stringContaining('Resolved')] });
    expect(await system.lastOutcomes()).toMatchObject({ [idOf('ok')]: 'done merged' });
  });
});

describe('a partner who disconnects and connects again', () => {
  it('finds the open ticket by its marker and closes it', async () => {
    await system.raise('failed 1');
    await system.drain();
    const other = buildConnection({ connectionId: idOf('another connection') });
    await system.unitOfWork.run((tx) => system.connections.remove(tx, buildConnection().connectionId));
    await system.connect(psa, other);
    await system.raise('failed 2');
    await system.resolve('ok');
    await system.drain();
    expect(tickets()).toMatchObject([{ isClosed: true }]);
    expect(await system.query('SELECT DISTINCT connection_id FROM lane')).toEqual([
      { connection_id: idOf('another connection') },
    ]);
  });

  it('to another PSA gets a new ticket there for what still fails', async () => {
    await system.raise('failed 1');
    await system.drain();
    const elsewhere = new FaultyPsa();
    elsewhere.fake.port();
    await system.connect(elsewhere, { connectionId: idOf('another connection') });
    await system.raise('failed 2');
    await system.drain();
    expect([...elsewhere.fake.tickets.values()]).toMatchObject([{ isClosed: false }]);
    expect(tickets()).toHaveLength(1);
    expect(ACCOUNT).toBe(80202028);
  });
});
