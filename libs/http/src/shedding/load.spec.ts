import { describe, expect, it } from '@jest/globals';
import { apiPressureOf, classOfRequest, LOAD_CLASSES, type LoadSignals, pressureOf, shedAt } from './load.js';

const shed = (signals: LoadSignals): string[] => [
  ...shedAt(pressureOf(signals), signals, apiPressureOf(signals)),
];

describe('what is sent away', () => {
  it.each<[string, LoadSignals, number]>([
    ['nothing at rest', {}, 0],
    ['nothing at 100 ms of delay', { eventLoopDelayMs: 100 }, 0],
    ['exports above', { eventLoopDelayMs: 101 }, 1],
    ['exports above 250 ms of waiting for a connection', { poolWaitMs: 251 }, 1],
    ['then lists', { eventLoopDelayMs: 301 }, 2],
    ['then changes', { eventLoopDelayMs: 501 }, 3],
    ['then successes', { poolWaitMs: 2001 }, 4],
    ['then heartbeats', { eventLoopDelayMs: 1201 }, 5],
    ['failures last', { eventLoopDelayMs: 4001 }, 6],
    ['no report for what people wait for, however long', { apiWaitMs: 60_000 }, 3],
    ['exports first there, too', { apiWaitMs: 251 }, 1],
    ['by the worst of both', { eventLoopDelayMs: 10, poolWaitMs: 800 }, 2],
  ])('%s', (_, signals, count) => expect(shed(signals)).toEqual(LOAD_CLASSES.slice(0, count)));

  it.each<[string, LoadSignals, string[]]>([
    ['an outbox of a minute ends exports', { outboxAgeS: 61 }, ['export']],
    ['an outbox of a day ends no more', { outboxAgeS: 86_400 }, ['export']],
    ['a fifth of the room for what waits ends successes', { backlogShare: 0.21 }, ['success']],
    ['three fifths leave failures alone', { backlogShare: 0.61 }, ['success', 'heartbeat']],
    ['and so does all of it', { backlogShare: 1.5 }, ['success', 'heartbeat']],
  ])('%s', (_, signals, expected) => expect(shed(signals)).toEqual(expected));
});

describe('the class of a request', () => {
  it.each([
    ['GET', '/api/v1/audit/verify', 'export'],
    ['GET', '/api/v1/audit?limit=200', 'export'],
    ['POST', '/api/v1/events/search', 'export'],
    ['GET', '/api/v1/events?total=true', 'list'],
    ['GET', '/api/v1/psa/autotask/customer-map', 'list'],
    ['GET', '/api/v1/session', 'change'],
    ['GET', '/api/v1/customers/34826', 'change'],
    ['POST', '/api/v1/session', 'change'],
    ['DELETE', '/api/v1/endpoints/x', 'change'],
    ['POST', '/API/external?xml', 'change'],
    ['GET', '/openapi.json', null],
    ['POST', '/ingest/duplicati/key', null],
    ['POST', '/internal/authentications', null],
  ])('%s %s is %s', (method, url, what) => expect(classOfRequest(method, url)).toBe(what));
});
