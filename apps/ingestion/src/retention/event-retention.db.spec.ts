import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '@backhaul/testing';
import { uuidv7 } from '@backhaul/domain';
import type { Identity } from '@backhaul/http';
import { Running } from '../testing/running.js';

jest.setTimeout(60_000);
let running: Running;
beforeAll(async () => {
  running = await Running.start();
});
afterAll(() => running.close());

const PATH = '/event-retention';
const set = (body: unknown, ifMatch = '*', partnerId = running.partnerId): Promise<Response> =>
  running.api('PUT', PATH, body, partnerId, { 'if-match': ifMatch });

describe('for how long a partner keeps its event log', () => {
  it('is the installation’s 400 days until the partner says otherwise, and its own affair', async () => {
    const before = await running.api('GET', PATH);
    expect(await before.json()).toEqual({ days: 400, isDefault: true });
    const changed = await set({ days: 90 }, before.headers.get('etag') ?? '');
    expect([changed.status, await changed.json()]).toEqual([200, { days: 90, isDefault: false }]);
    const other = uuidv7(1) as Identity['partnerId'];
    expect(await (await running.api('GET', PATH, undefined, other)).json()).toEqual({
      days: 400,
      isDefault: true,
    });
    const back = await set({ days: null }, changed.headers.get('etag') ?? '');
    expect([back.status, await back.json()]).toEqual([200, { days: 400, isDefault: true }]);
  });

  it('is audited, and changed by nobody who saw an older state', async () => {
    const { headers } = await running.api('GET', PATH);
    expect((await set({ days: 120 })).status).toBe(200);
    expect((await set({ days: 60 }, headers.get('etag') ?? '')).status).toBe(412);
    const unasked = await running.api('PUT', PATH, { days: 60 });
    expect(unasked.status).toBe(428);
    // The relay may have taken the entry along already.
    const said = () =>
      running.query<{ payload: string }>(`SELECT payload FROM outbox WHERE topic LIKE 'audit%'`);
    await eventually(async () => (await said()).length === 0, { timeoutMs: 20_000 });
  });

  it.each<[string, unknown, string]>([
    ['too short for what agents repeat', { days: 34 }, '/days'],
    ['more than ten years', { days: 3651 }, '/days'],
    ['a part of a day', { days: 40.5 }, '/days'],
    ['a word', { days: '40' }, '/days'],
    ['nothing', {}, '/days'],
    ['a property that nobody knows', { days: 40, forever: true }, '/forever'],
  ])('%s is refused with a pointer', async (_what, body, pointer) => {
    const answer = await set(body);
    const { errors } = (await answer.json()) as { errors: { pointer: string }[] };
    expect([answer.status, errors[0]?.pointer]).toEqual([400, pointer]);
  });
});
