import { inspect } from 'node:util';
import { afterAll, afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { uuidFrom } from '@backhaul/domain';
import { Keyring } from '@backhaul/persistence';
import { Egress } from '@backhaul/psa';
import { connectionOf, KEK, type Over } from '../testing/subject.js';
import type { KnownConnection } from './connection.repository.js';
import { MOST_OPEN_MS } from './opened.js';
import { TicketPorts } from './ticket-ports.js';

const SUBJECT = { partnerId: uuidFrom('partner'), connectionId: uuidFrom('connection') };
const connection = (over: Over = {}): KnownConnection => ({
  ...connectionOf('connectwise', 'http://127.0.0.1:9', SUBJECT, over),
  egress: [],
  needsChange: false,
  breaker: 'closed',
  isWell: true,
});

describe('the client of a connection', () => {
  const keyring = Keyring.of(KEK);
  const keysLookedUp = jest.spyOn(keyring, 'find');
  const egress = Egress.of('');
  const link = connection();
  let ports: TicketPorts;
  const isOpen = (): boolean => /ConnectWiseTickets/.test(inspect(ports, { depth: 6 }));

  beforeEach(() => {
    jest.useFakeTimers();
    keysLookedUp.mockClear();
    ports = new TicketPorts({
      provider: 'connectwise',
      keyring,
      egress,
      limits: {},
      breaker: { volumeThreshold: 10, resetTimeoutMs: 30_000, rollingMs: 60_000 },
    });
  });
  afterEach(() => {
    ports.closeAll();
    jest.useRealTimers();
  });
  afterAll(() => egress.close());

  it('holds the opened credentials five minutes by the stopwatch, whatever the clock says, and is then made anew', () => {
    const first = ports.of(link);
    jest.advanceTimersByTime(MOST_OPEN_MS - 1);
    for (const ms of [3_600_000, -7_200_000]) {
      jest.setSystemTime(Date.now() + ms);
      expect(ports.of(link).port).toBe(first.port);
    }
    expect(keysLookedUp).toHaveBeenCalledTimes(1);

    jest.advanceTimersByTime(1);
    const second = ports.of(link);
    expect(second.port).not.toBe(first.port);
    expect(second.breaker).toBe(first.breaker);
    // By the key that the process read when it started: nothing is read again.
    expect(keysLookedUp).toHaveBeenCalledTimes(2);
    expect(MOST_OPEN_MS).toBe(300_000);
  });

  it('is let go of when its time is over, also where nobody asks for it again', () => {
    ports.of(link);
    expect(isOpen()).toBe(true);
    jest.advanceTimersByTime(MOST_OPEN_MS);
    expect(isOpen()).toBe(false);
  });

  it('is another, with another breaker, as soon as the credentials are', () => {
    const first = ports.of(link);
    const second = ports.of(connection({ version: '2' }));
    expect([second.port === first.port, second.breaker === first.breaker]).toEqual([false, false]);
    expect(first.breaker.isShutdown).toBe(true);
  });
});
