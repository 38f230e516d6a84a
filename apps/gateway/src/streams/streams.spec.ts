import { Duplex } from 'node:stream';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { AccountNo, PartnerId } from '@backhaul/domain';
import { type Principal, Problem } from '@backhaul/http';
import { FixedClock } from '@backhaul/testing';
import type { Change } from './change.js';
import { ChangeLog } from './change-log.js';
import { sinceOf, Streams } from './streams.js';

const PERSON = {
  partnerId: 'p' as PartnerId, role: 'partner-senior-manager', scopes: [], subject: 'account:1', brandId: null,
  accountNo: 1 as AccountNo, onlyAccountNo: null, actor: null, ip: null, steppedUpAt: null,
} as const satisfies Principal; // prettier-ignore
const CHANGE: Change = { kind: 'event', id: 'e', partnerId: 'p', accountNo: 1, brandId: null, atMs: 0 };

/** A response whose other end reads nothing: all that is written stays here. */
function unread(): ServerResponse {
  const raw = new Duplex({ read: () => undefined, write: () => undefined });
  return Object.assign(raw, { writeHead: () => raw }) as unknown as ServerResponse;
}

let listen: (change: Change) => void;
let isWanted: boolean;
let streams: Streams;
const clock = new FixedClock('2026-11-21T12:00:00.000Z');
const nowMs = clock.now().getTime();

beforeEach(() => {
  isWanted = false;
  const feed = {
    log: new ChangeLog({ keepMs: 60_000, most: 1000 }),
    onChange: (given: typeof listen) => void (listen = given),
    pathOf: () => undefined,
    want: () => void (isWanted = true),
    unwant: () => void (isWanted = false),
  };
  streams = new Streams(feed, { perPerson: 2, inAll: 3 }, clock, { isSuspended: () => false });
});
afterEach(() => streams.close());

const open = (over: Partial<Principal> = {}, raw = unread()) => {
  const principal = { ...PERSON, ...over };
  streams.open({ principal, raw, sinceMs: null, credential: 'c', recheck: async () => principal });
  return raw;
};

describe('streams', () => {
  it('cut who does not read, and keep who does not hear much', () => {
    const [slow, other] = [open(), open({ partnerId: 'q' as PartnerId, subject: 'account:2' })];
    for (let n = 0; n < 5000 && !slow.destroyed; n += 1) listen({ ...CHANGE, atMs: nowMs });
    expect([slow.destroyed, other.destroyed]).toEqual([true, false]);
    expect(slow.writableLength).toBeLessThan(300 * 1024);
  });

  it('read from Kafka as long as somebody listens', async () => {
    const raw = open();
    expect(isWanted).toBe(true);
    raw.destroy();
    await new Promise((done) => raw.once('close', done));
    expect([isWanted, streams.size]).toEqual([false, 0]);
  });

  it('count an impersonator as the person who it is', () => {
    const actor = { accountNo: 9 as AccountNo, subject: 'account:9' };
    open({ subject: 'account:1', actor });
    open({ subject: 'account:2', actor });
    expect(() => open({ subject: 'account:3', actor })).toThrow(Problem);
    expect(() => open({ subject: 'account:3' })).not.toThrow();
    expect(() => open({ subject: 'account:4' })).toThrow(expect.objectContaining({ status: 503 }));
  });

  it('are not for operators', () => {
    expect(() => open({ role: 'platform-operator' })).toThrow(expect.objectContaining({ status: 403 }));
  });
});

describe('Last-Event-ID', () => {
  it.each([
    [undefined, null],
    ['', null],
    ['1763726400000-17', 1_763_726_400_000],
  ])('%j is %j', (header, ms) => expect(sinceOf(header)).toBe(ms));

  it.each(['x', '1763726400000', '1763726400000-', '-1', '1763726400000-1; DROP', ['a', 'b']])(
    '%j is refused',
    (header) => expect(() => sinceOf(header)).toThrow(expect.objectContaining({ status: 400 })),
  );
});
