import assert from 'node:assert/strict';
import { duplicatiReport } from '../duplicati.js';
import { metricOf } from '../health.js';
import type { FaultRow, RowRun } from '../row.js';

const HEAP_MB = 128;
const MIB = 1024 * 1024;
/** Of a report (`apps/ingestion/src/agents/report-body.ts`). */
const LIMIT = 2 * MIB;
const AT_ONCE = 100;

/** Where the machine itself is slow, a body may not come in time: 408. */
type Statuses = Map<number, number>;
type Send = (body: NonNullable<RequestInit['body']>) => Promise<Response>;

/** How often each answer came; `0` is a connection that broke. */
async function answersOf(count: number, send: () => Promise<Response>): Promise<Statuses> {
  const statuses = new Map<number, number>();
  const next = async (left: { n: number }): Promise<void> => {
    while (left.n-- > 0) {
      const status = await send().then(
        async (answer) => (await answer.arrayBuffer(), answer.status),
        () => 0,
      );
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  const left = { n: count };
  await Promise.all(Array.from({ length: AT_ONCE }, () => next(left)));
  return statuses;
}

const told = (statuses: Statuses): string => JSON.stringify(Object.fromEntries(statuses));

/** Without a length in its head, so that nobody knows beforehand how large it is. */
const endless = (bytes: number): ReadableStream<Uint8Array> => {
  let left = bytes;
  const chunk = new Uint8Array(64 * 1024).fill(0x20);
  return new ReadableStream({
    pull: (controller) => {
      if (left <= 0) return controller.close();
      left -= chunk.length;
      controller.enqueue(chunk);
    },
  });
};

async function flood({ measured, isLong }: RowRun, send: Send): Promise<void> {
  const count = isLong ? 10_000 : 500;
  const tooLarge = Buffer.alloc(LIMIT + 1, ' ');
  const refused = await answersOf(count, () => send(tooLarge));
  measured('too large by their word', told(refused));
  // One that is cut while it sends sees its 413 or only the end of the connection.
  assert.ok((refused.get(413) ?? 0) > count / 2, `only ${refused.get(413)} were told so`);
  assert.deepEqual(
    [...refused.keys()].filter((status) => status !== 413 && status !== 0),
    [],
  );

  const unannounced = await answersOf(count / 20, () => send(endless(LIMIT * 2)));
  measured('too large, unannounced', told(unannounced));
  assert.deepEqual(
    [...unannounced.keys()].filter((status) => ![413, 408, 503, 0].includes(status)),
    [],
  );
}

export const row: FaultRow = {
  number: 5,
  fault:
    'thousands of bodies that are too large, and hundreds as large as may be, come at once at a process with a small heap',
  expected:
    'what is too large is refused unread (413), what is too much at once is sent away (503); the process lives, what was accepted is stored',
  promises: ['P1', 'P11'],
  group: 'psas',
  smaller: 'libs/http/src/server/body-watch.spec.ts',
  async run(run) {
    const { system, isLong, phase, invariants, measured } = run;
    phase('arrange');
    const account = system.account('connectwise', 4);
    const service = await system.fleet.restart('ingestion', {
      NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}`,
      RATE_LIMIT_PER_KEY: '100000',
      RATE_LIMIT_PER_PARTNER: '100000',
    });
    const send: Send = (body) =>
      fetch(`${system.fleet.url('ingestion')}/ingest/duplicati/${account.endpointKey}`, {
        method: 'POST',
        body,
        ...(body instanceof ReadableStream && { duplex: 'half' as const }),
        signal: AbortSignal.timeout(60_000),
      });

    phase('inject');
    await flood(run, send);
    const known = await system.events('Row5-large');
    const at = system.ledger.nextTime(account, 'Row5-large');
    const report = duplicatiReport('failure', 'Row5-large', at);
    const large = Buffer.from(report + ' '.repeat(LIMIT - Buffer.byteLength(report)));
    const answers = await answersOf(isLong ? 400 : 100, () => send(large));
    measured('as large as may be', told(answers));

    phase('expect');
    assert.deepEqual(
      [...answers.keys()].filter((status) => ![200, 408, 503].includes(status)),
      [],
    );
    assert.equal(system.fleet.service('ingestion').pid, service.pid);
    measured('heap in use, MB', Math.round((await metricOf(service, 'nodejs_heap_size_used_bytes')) / MIB));
    if (answers.has(200)) assert.equal(await system.events('Row5-large'), known + 1);

    phase('heal');
    await system.fleet.restart('ingestion');
    await system.report(account, 'failure', 'Row5-large', at);
    await system.ticket('Row5-large', 'open');
    await invariants();
    assert.equal(await system.events('Row5-large'), known + 1);
  },
};
