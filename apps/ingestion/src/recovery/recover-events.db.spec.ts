import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { backupEvents, Publisher } from '@backhaul/messaging';
import { eventually } from '@backhaul/testing';
import type { Pool } from 'pg';
import { eventPool } from '../database.js';
import { Running } from '../testing/running.js';
import { RecoverEvents } from './recover-events.js';

jest.setTimeout(60_000);

const UNMARKED = `SELECT 1 FROM event e JOIN relay_lease l USING (bucket)
  WHERE l.pos_id IS NULL OR (e.xid, e.event_id) > (l.pos_xid, l.pos_id)`;
// What Kafka does not have, and the place in the log.
const LOG = "SELECT to_jsonb(e) - 'xid' - 'raw' - 'detail' AS row FROM event e ORDER BY event_id";

/** The same for every repeat. */
const ENDED_AT = new Date(Date.now() - 60_000).toISOString();

describe('the log after a restore', () => {
  let running: Running;
  let pool: Pool;
  let recovery: RecoverEvents;
  let key: string;
  beforeAll(async () => {
    running = await Running.start();
    pool = eventPool(running.database.serviceUrl);
    recovery = new RecoverEvents(pool, running.kafka.kafka, running.kafka.prefix);
    ({ key } = await running.endpoint('generic'));
  });
  afterAll(async () => {
    await pool.end();
    await running.close();
  });

  async function send(run: string, status: string): Promise<string> {
    const timing = { endedAt: ENDED_AT };
    const body = { idempotencyKey: run, job: { jobName: 'Nightly' }, outcome: { status }, timing };
    const headers = { 'x-api-key': key, 'content-type': 'application/json' };
    const answer = await running.post('/v1/events', JSON.stringify(body), headers);
    return ((await answer.json()) as { eventId: string }).eventId;
  }
  const published = (): Promise<unknown> =>
    eventually(async () => (await running.query(UNMARKED)).length === 0, { timeoutMs: 20_000 });
  const lose = (where: string): Promise<unknown> =>
    running.query(`WITH gone AS (DELETE FROM event WHERE ${where} RETURNING event_id)
      DELETE FROM event_key WHERE event_id IN (SELECT event_id FROM gone)`);

  it('has its events again as they were, once, and knows their repeats', async () => {
    const ids = [await send('r-1', 'failed'), await send('r-2', 'success'), await send('r-3', 'failed')];
    await published();
    const before = await running.query(LOG);
    await lose(`event_id <> '${ids[0]}'`);
    expect(await recovery.recover(0)).toEqual({ records: 3, recovered: 2, unreadable: 0 });
    expect(await running.query(LOG)).toEqual(before);
    expect(await send('r-2', 'success')).toBe(ids[1]);
    await published();
    expect(await recovery.recover(0)).toEqual({ records: 5, recovered: 0, unreadable: 0 });
    expect(await running.query(LOG)).toEqual(before);
  });

  it('leaves alone what came again under another id meanwhile', async () => {
    const id = await send('s-1', 'failed');
    await published();
    await lose(`event_id = '${id}'`);
    const second = await send('s-1', 'failed');
    expect(second).not.toBe(id);
    expect((await recovery.recover(0)).recovered).toBe(0);
    expect(await running.query('SELECT 1 FROM event WHERE event_id = ANY($1)', [[id, second]])).toHaveLength(
      1,
    );
  });

  it('goes past records that are no events, and counts them', async () => {
    const { kafka, prefix } = running.kafka;
    const publisher = new Publisher(kafka, { prefix });
    await publisher.send([{ topic: backupEvents.name, key: '1', value: 'not json', headers: {} }]);
    await publisher.close();
    const id = await send('u-1', 'failed');
    await published();
    await lose(`event_id = '${id}'`);
    expect(await recovery.recover(0)).toMatchObject({ recovered: 1, unreadable: 1 });
  });
});
