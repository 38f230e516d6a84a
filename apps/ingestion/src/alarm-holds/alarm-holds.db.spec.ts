import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type PartnerId, PLATFORM, uuidv7 } from '@backhaul/domain';
import type { Identity } from '@backhaul/http';
import { Running } from '../testing/running.js';
import type { AlarmHoldsOut } from './alarm-holds.types.js';

jest.setTimeout(60_000);
const OPERATOR = { partnerId: PLATFORM, role: 'platform-operator', subject: 'operator:1' } as const;
const OTHER = uuidv7(1) as PartnerId;
const NOBODY = uuidv7(2);
const ACTS = ['release', 'drop'] as const;

let running: Running;
beforeAll(async () => {
  running = await Running.start({ SCHEDULES: 'off' });
});
afterAll(() => running.close());
beforeEach(async () => {
  await running.query('DELETE FROM alarm_hold');
  await running.query('DELETE FROM expectation');
  await hold(running.partnerId, 3);
  await hold(OTHER, 2);
});

async function hold(partnerId: PartnerId, alarms: number): Promise<void> {
  await running.query(
    `INSERT INTO alarm_hold VALUES ($1, now(), now() + interval '30 min', now() + interval '90 min')`,
    [partnerId],
  );
  await running.query(
    `INSERT INTO expectation (account_no, job_hash, partner_id, bucket, due_at, status, known_since, held_at)
     SELECT $2 + n, 7, $1, 0, now() + interval '30 min', 'waiting', now(), now() FROM generate_series(1, $3) n`,
    [partnerId, partnerId === OTHER ? 80500000 : 80600000, alarms],
  );
}

const ask = async (path: string, body?: unknown, who: Partial<Identity> = OPERATOR) => {
  const answer = await running.apiAs(who, body === undefined ? 'GET' : 'POST', `/alarm-holds${path}`, body);
  const said = (await answer.json()) as Record<string, unknown> & { errors?: { pointer: string }[] };
  return { status: answer.status, said, pointers: (said.errors ?? []).map(({ pointer }) => pointer) };
};
const held = async (): Promise<unknown[]> => {
  const { items } = (await ask('')).said as unknown as AlarmHoldsOut;
  return items.map(({ id, alarms, heldBy }) => [id, alarms, heldBy]);
};
const reason = 'Known, ticket 4711';

describe('what the brake holds', () => {
  it('is listed page by page, and decided by an operator once', async () => {
    const { partnerId } = running;
    expect(await held()).toEqual([[OTHER, 2, 'partner'], [partnerId, 3, 'partner']]); // prettier-ignore
    const first = await ask('?limit=1');
    const next = await ask(`?limit=1&cursor=${String(first.said['nextCursor'])}`);
    expect(next.said).toMatchObject({ items: [{ id: partnerId, alarms: 3 }], nextCursor: null });
    const released = await ask(`/${partnerId.toUpperCase()}/release`, { reason });
    expect([released.status, released.said]).toEqual([200, { alarms: 3, partners: 1 }]);
    const dropped = await ask(`/${OTHER}/drop`, { reason });
    expect([dropped.status, dropped.said]).toEqual([200, { alarms: 2, partners: 1 }]);
    for (const path of [`/${partnerId}/release`, `/${partnerId}/drop`, `/${OTHER}/drop`])
      expect([path, (await ask(path, { reason })).status]).toEqual([path, 409]);
    expect(await held()).toEqual([[OTHER, 0, 'partner'], [partnerId, 0, null]]); // prettier-ignore
  });

  it('of one partner is let out or dropped without touching another’s', async () => {
    for (const act of ACTS) {
      expect((await ask(`/${running.partnerId}/${act}`, { reason })).status).toBe(act === 'drop' ? 409 : 200);
      expect((await held())[0]).toEqual([OTHER, 2, 'partner']);
    }
  });

  it('of all is called platform, comes first, and its page goes on', async () => {
    await hold(PLATFORM, 0);
    const first = await ask('?limit=1');
    expect(first.said).toMatchObject({ items: [{ id: 'platform', partnerName: null, alarms: 5, heldBy: 'platform' }] }); // prettier-ignore
    const next = await ask(`?limit=1&cursor=${String(first.said['nextCursor'])}`);
    expect(next.said).toMatchObject({ items: [{ id: OTHER }] });
    expect((await ask(`/${OTHER}/release`, { reason })).status).toBe(409);
    expect((await ask('/platform/drop', { reason })).said).toEqual({ alarms: 5, partners: 2 });
  });

  it('is no partner’s to see or to decide, not even its own', async () => {
    const manager = { role: 'partner-senior-manager' } as const;
    for (const id of [running.partnerId, OTHER, NOBODY, 'platform'])
      for (const act of ACTS) expect((await ask(`/${id}/${act}`, { reason }, manager)).status).toBe(403);
    expect((await ask('', undefined, manager)).status).toBe(403);
    expect(await held()).toEqual([[OTHER, 2, 'partner'], [running.partnerId, 3, 'partner']]); // prettier-ignore
  });

  it.each(ACTS)('wants a fresh proof to %s it', async (act) => {
    const stale = { ...OPERATOR, steppedUpAt: 1 };
    const { status, said } = await ask(`/${OTHER}/${act}`, { reason }, stale);
    expect([status, said['type']]).toEqual([403, '/docs/problems/step-up-required']);
  });

  it.each(ACTS)('that nobody holds is 404 to %s', async (act) => {
    for (const id of [NOBODY, 'platform']) expect((await ask(`/${id}/${act}`, { reason })).status).toBe(404);
  });

  it.each<[string, unknown, string]>([
    ['7', { reason }, '/id'],
    [PLATFORM, { reason }, '/id'],
    ['platforms', { reason }, '/id'],
    [OTHER, {}, '/reason'],
    [OTHER, { reason: '' }, '/reason'],
    [OTHER, { reason: '   ' }, '/reason'],
    [OTHER, { reason: 7 }, '/reason'],
    [OTHER, { reason: 'x'.repeat(501) }, '/reason'],
    [OTHER, { reason, all: true }, '/all'],
  ])('%s with %j is a 400 that points at %s', async (id, body, pointer) => {
    for (const act of ACTS) {
      const { status, pointers } = await ask(`/${id}/${act}`, body);
      expect([status, [...new Set(pointers)]]).toEqual([400, [pointer]]);
    }
    expect((await held())[0]).toEqual([OTHER, 2, 'partner']);
  });

  it.each([
    ['?limit=0', '/limit'],
    ['?limit=201', '/limit'],
    ['?cursor=abc', '/cursor'],
    ['?total=true', '/total'],
    ['?limit=1&limit=2', '/limit'],
  ])('%s is a 400 that points at %s', async (query, pointer) => {
    const { status, pointers } = await ask(query);
    expect([status, [...new Set(pointers)]]).toEqual([400, [pointer]]);
  });
});
