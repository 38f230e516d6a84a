import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '@backhaul/testing';
import { RunningTicketing } from './testing/running.js';

jest.setTimeout(240_000);

describe('ticketing and the credentials of a connection', () => {
  let running: RunningTicketing;
  beforeAll(async () => {
    running = await RunningTicketing.start('connectwise');
  });
  afterAll(() => running.close());

  const calls = async (): Promise<number> => {
    const answer = await running.simulator.admin('GET', '/admin/requests?provider=connectwise');
    return (answer as { items: unknown[] }).items.length;
  };

  it('B10, B21: what waits while a link needs a change says why, calls nobody, and goes out once after the switch', async () => {
    const first = await running.subject();
    const subjects = [first, await running.another(first), await running.another(first)];
    await running.connect(first, { version: '2', needsChange: true });
    await running.knows(first, '2');
    const before = await calls();
    const openings = [];
    for (const subject of subjects) openings.push(await running.request(subject, 'raise'));
    for (const opening of openings) {
      expect(await running.outcome(opening)).toBe('failed needs_change');
      expect(running.outcomes.get(opening.requestId)?.message).toContain('public and private key');
    }
    expect(await running.query("SELECT DISTINCT state, reason FROM lane WHERE state <> 'idle'")).toEqual([
      { state: 'attention', reason: 'needs_change' },
    ]);
    expect(await calls()).toBe(before);

    await running.connect(first, { version: '3' });
    for (const opening of openings) {
      await eventually(() => expect(running.outcomes.get(opening.requestId)?.state).toBe('done'), {
        timeoutMs: 30_000,
      });
      expect(await running.tickets(opening)).toHaveLength(1);
    }
    await eventually(async () => expect((await running.leftovers())['commands']).toBe(0));
    expect(await running.query('SELECT sum(tries)::int AS tries FROM command')).toEqual([{ tries: 3 }]);
  });

  it('says so when the credentials do not open, and goes on when they do', async () => {
    const subject = await running.subject();
    const { connectionId: sealedFor } = await running.subject();
    await running.connect(subject, { version: '2', sealedFor });
    await running.knows(subject, '2');
    const opening = await running.request(subject, 'raise');
    expect(await running.outcome(opening)).toBe('failed sealed_secret');
    await running.connect(subject, { version: '2' });
    await eventually(() => expect(running.outcomes.get(opening.requestId)?.state).toBe('done'), {
      timeoutMs: 30_000,
    });
    expect(await running.tickets(opening)).toHaveLength(1);
  });

  it('parks what waits for a key encryption key that is not there, and goes on by itself once it is', async () => {
    const subject = await running.subject();
    await running.service.stop();
    await running.boot({ KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64') });
    const before = await calls();
    const opening = await running.request(subject, 'raise');
    const parked = "SELECT 1 FROM lane WHERE state = 'ready' AND attempts > 1";
    await eventually(async () => (await running.query(parked)).length === 1, { timeoutMs: 30_000 });
    expect(running.outcomes.get(opening.requestId)).toMatchObject({
      state: 'pending',
      reason: 'key_missing',
    });
    expect(await calls()).toBe(before);
    await running.service.stop();
    await running.boot();
    expect(await running.outcome(opening)).toBe('done opened');
    expect(await running.tickets(opening)).toHaveLength(1);
  });

  it('opens by the key of before while a rotation runs, and by the new one alone after it', async () => {
    const next = randomBytes(32).toString('base64');
    const subject = await running.subject();
    const raise = async (): Promise<string> => running.outcome(await running.request(subject, 'raise'));
    await running.service.stop();
    await running.boot({ KEY_ENCRYPTION_KEY: next, KEY_ENCRYPTION_KEYS_OLD: running.kek });
    expect(await raise()).toBe('done opened');
    await running.connect(subject, { version: '1', kek: next });
    await eventually(async () => expect(await raise()).toBe('done noted'), { timeoutMs: 30_000 });
    await running.service.stop();
    await running.boot({ KEY_ENCRYPTION_KEY: next });
    expect(await raise()).toBe('done noted');
  });

  it('reaches an address only with the approval that came with the connection', async () => {
    await running.service.stop();
    await running.boot({ EGRESS_ALLOW: '' });
    const subject = await running.subject();
    const port = new URL(running.simulator.url).port;
    const before = await calls();
    const opening = await running.request(subject, 'raise');
    await eventually(async () => {
      const rows = await running.query('SELECT 1 FROM incident_entry WHERE text LIKE $1', [
        '%egress_blocked%',
      ]);
      return rows.length > 0;
    });
    expect(await calls()).toBe(before);
    await running.connect(subject, { version: '2', egress: [`127.0.0.1/32:${port}`] });
    await eventually(() => expect(running.outcomes.get(opening.requestId)?.state).toBe('done'), {
      timeoutMs: 60_000,
    });
    expect(await running.tickets(opening)).toHaveLength(1);
  });
});
