import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { FixedClock } from '@backhaul/testing';
import { UnitOfWork } from '@backhaul/persistence';
import { createLogger } from '@backhaul/telemetry';
import { kopiaReport, kopiaSnapshot } from '../adapters/kopia/testing/fixtures.js';
import { Running } from '../testing/running.js';
import { HeldErrors } from './held-errors.js';

jest.setTimeout(60_000);

let running: Running;
beforeAll(async () => {
  running = await Running.start();
});
afterAll(() => running.close());

const ENDED = Date.UTC(2026, 10, 21, 3, 0, 0);
const rfc1123 = (ms: number): string => new Date(ms).toUTCString().replace('GMT', '+0000');
const iso = (ms: number): string => new Date(ms).toISOString();
const errorAt = (ms: number): string =>
  `Operation: Snapshot\nStarted:   ${rfc1123(ms - 2000)}\nFinished:  ${rfc1123(ms)} (2s)\n\nno such directory\n`;
const reportAt = (ms: number, status: string): string =>
  JSON.stringify(kopiaReport([kopiaSnapshot({ status, start: iso(ms - 3000), end: iso(ms) })], status));

/** Looks at what is held as if `laterMs` had gone by since now. */
const passLater = (laterMs: number) =>
  new HeldErrors(
    new UnitOfWork(running.database.dataSource),
    new FixedClock(iso(Date.now() + laterMs)),
    createLogger({ service: 'ingestion', level: 'silent' }),
    () => undefined,
  ).pass();

async function statuses(endpointId: string): Promise<string[]> {
  const rows = await running.query<{ status: string }>(
    `SELECT body::json #>> '{outcome,nativeStatus}' AS status FROM event
     WHERE bucket IS NOT NULL AND NOT is_discarded AND body::json #>> '{source,endpointId}' = $1 ORDER BY event_id`,
    [endpointId],
  );
  return rows.map(({ status }) => status);
}

describe("Kopia's generic-error", () => {
  it.each([
    ['after', [reportAt(ENDED, 'fatal'), errorAt(ENDED + 59_000)]],
    ['before', [errorAt(ENDED - 59_000), reportAt(ENDED, 'fatal')]],
  ])('that comes %s the report of its run is one event with it (N2)', async (_when, bodies) => {
    const { id, key } = await running.endpoint('kopia');
    for (const body of bodies) expect((await running.post(`/ingest/kopia/${key}`, body)).status).toBe(200);
    await passLater(20_000);
    expect(await statuses(id)).toEqual(['fatal']);
    const kept = await running.query(
      "SELECT 1 FROM event WHERE is_discarded AND raw IS NOT NULL AND body::json #>> '{source,endpointId}' = $1",
      [id],
    );
    expect(kept).toHaveLength(1);
  });

  it.each([
    ['alone', []],
    ['beside a success', [reportAt(ENDED, 'success')]],
    ['beside another run', [reportAt(ENDED - 61_000, 'fatal')]],
  ])('%s is an event of its own, ten seconds later', async (_what, others) => {
    const { id, key } = await running.endpoint('kopia');
    for (const body of [...others, errorAt(ENDED)]) await running.post(`/ingest/kopia/${key}`, body);
    await passLater(0);
    expect(await statuses(id)).not.toContain('generic-error');
    await passLater(20_000);
    expect(await statuses(id)).toContain('generic-error');
  });

  it('is not joined to a run of another endpoint', async () => {
    const [one, other] = [await running.endpoint('kopia'), await running.endpoint('kopia')];
    await running.post(`/ingest/kopia/${one.key}`, reportAt(ENDED, 'fatal'));
    await running.post(`/ingest/kopia/${other.key}`, errorAt(ENDED));
    await passLater(20_000);
    expect(await statuses(other.id)).toEqual(['generic-error']);
  });
});
