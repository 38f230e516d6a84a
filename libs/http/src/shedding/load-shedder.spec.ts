import { connect } from 'node:net';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { PartnerId } from '@backhaul/domain';
import { LoadShedder, processProbe, programIdentity, signPrincipal } from '../index.js';
import { KEY, startDemo } from '../testing/demo-app.js';
import { type LoadClass, LOAD_CLASSES, type LoadSignals } from './load.js';

jest.setTimeout(60_000);
const identity = programIdentity({ partnerId: 'p1' as PartnerId, role: 'partner-senior-manager', scopes: [], subject: 'key:abc' }); // prettier-ignore
const headers = { 'x-backhaul-principal': signPrincipal(KEY, identity, 'demo') };
let demo: Awaited<ReturnType<typeof startDemo>> | null = null;
afterEach(() => demo?.close());

async function serve(shedder: LoadShedder): Promise<string> {
  demo = await startDemo({ shedder });
  return demo.url;
}
/** Signals as a test sets them. */
const given = (signals: LoadSignals): LoadShedder => new LoadShedder({ read: async () => signals, stop: () => undefined }); // prettier-ignore
/** As after a minute of the same. */
async function settled(shedder: LoadShedder): Promise<void> {
  for (let second = 0; second < 60; second += 1) await shedder.look();
}
const isAdmitted = (shedder: LoadShedder, what: LoadClass): boolean => {
  try {
    shedder.admit(what);
    return true;
  } catch {
    return false;
  }
};

describe('under load', () => {
  it('lists are sent away while one thing is still read, with a time that differs', async () => {
    const signals: LoadSignals = { eventLoopDelayMs: 310 };
    const shedder = given(signals);
    const url = await serve(shedder);
    await settled(shedder);
    const times = new Set<number>();
    for (let n = 0; n < 30; n += 1) {
      const answer = await fetch(`${url}/api/v1/rules`, { headers });
      expect(answer.status).toBe(503);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
      const { requestId, type } = (await answer.json()) as { requestId: string; type: string };
      expect(type).toMatch(/too-busy$/);
      expect(answer.headers.get('x-request-id')).toBe(requestId);
      times.add(Number(answer.headers.get('retry-after')));
    }
    // 10 s, a fifth more or less.
    expect(Math.min(...times)).toBeGreaterThanOrEqual(8);
    expect(Math.max(...times)).toBeLessThanOrEqual(12);
    expect(times.size).toBeGreaterThan(1);
    expect((await fetch(`${url}/api/v1/customers/34826`, { headers })).status).toBe(200);
  });

  it('one bad second is no load', async () => {
    const signals: LoadSignals = { eventLoopDelayMs: 330 };
    const shedder = given(signals);
    await shedder.look();
    expect(LOAD_CLASSES.every((each) => isAdmitted(shedder, each))).toBe(true);
    for (let second = 0; second < 8; second += 1) await shedder.look();
    expect(isAdmitted(shedder, 'list')).toBe(false);
  });

  it('an answer comes before the body is sent, and without a look at the credential', async () => {
    const shedder = given({ poolWaitMs: 1500 });
    const url = await serve(shedder);
    await settled(shedder);
    const head = 'POST /api/v1/rules HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n{'; // prettier-ignore
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(head));
      let text = '';
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
      socket.on('close', () => resolve(text));
      socket.on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 503 /);
    expect(answer).toMatch(/connection: close/i);
  });

  it('what was sent away comes back by and by, the most needed first', async () => {
    const signals: LoadSignals = { eventLoopDelayMs: 4100 };
    const shedder = given(signals);
    const admitted = (): number => LOAD_CLASSES.filter((each) => isAdmitted(shedder, each)).length;
    await settled(shedder);
    expect(admitted()).toBe(0);
    signals.eventLoopDelayMs = 0;
    const seen: number[] = [];
    for (let second = 0; second < 20; second += 1) {
      await shedder.look();
      seen.push(admitted());
      const back = LOAD_CLASSES.slice(LOAD_CLASSES.length - admitted());
      expect(back.every((each) => isAdmitted(shedder, each))).toBe(true);
    }
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBe(LOAD_CLASSES.length);
    expect(new Set(seen).size).toBeGreaterThan(3);
  });
});

it('a process that is really too busy sends lists away, and takes them again when it is not', async () => {
  const shedder = new LoadShedder(processProbe());
  const url = await serve(shedder);
  const list = async (): Promise<number> => (await fetch(`${url}/api/v1/rules`, { headers })).status;
  await shedder.look();
  expect(await list()).toBe(200);
  // Work in one piece, as a huge body is: nothing else runs meanwhile. Eleven seconds of it, looked at after each fourth.
  for (let n = 0; n < 24; n += 1) {
    const until = performance.now() + 450;
    while (performance.now() < until);
    await new Promise((next) => setImmediate(next));
    if (n % 4 === 3) await shedder.look();
  }
  expect(await list()).toBe(503);
  expect(isAdmitted(shedder, 'failure')).toBe(true);
  let looks = 0;
  while ((await list()) === 503 && looks < 200) {
    looks += 1;
    await shedder.look();
  }
  expect(await list()).toBe(200);
});
