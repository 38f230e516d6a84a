import { describe, expect, it } from '@jest/globals';
import type { AccountNo, BrandId, PartnerId } from '@backhaul/domain';
import type { Principal } from '@backhaul/http';
import {
  backupEvents,
  mailOutcomes,
  type PassingRecord,
  syncOutcomes,
  ticketOutcomes,
} from '@backhaul/messaging';
import { type Change, changesOf } from './change.js';
import { ChangeLog } from './change-log.js';
import { maySee } from './may-see.js';

const ID = '0190f3a1-0000-7000-8000-000000000001';
const PARTNER = '0190f3a1-0000-7000-8000-00000000aaaa' as PartnerId;
type Viewer = Pick<Principal, 'partnerId' | 'brandId' | 'onlyAccountNo' | 'role'>;
const WHOLE: Viewer = {
  partnerId: PARTNER,
  brandId: null,
  onlyAccountNo: null,
  role: 'partner-senior-manager',
};
const OF_BRAND: Viewer = { ...WHOLE, brandId: 'mid' as BrandId };
const END_USER: Viewer = { ...WHOLE, role: 'power-user', onlyAccountNo: 1 as AccountNo };
const EVENT: Change = { kind: 'event', id: ID, partnerId: PARTNER, accountNo: 1, brandId: 'leaf', atMs: 0 };
const PATHS = new Map([['leaf', ['root', 'mid', 'leaf']]]);

describe('who hears of a change', () => {
  it.each<[string, Viewer, Partial<Change>, boolean]>([
    ['the partner, of its own', WHOLE, {}, true],
    ['another partner', { ...WHOLE, partnerId: 'x' as PartnerId }, {}, false],
    ['an operator, who reads no events', { ...WHOLE, role: 'platform-operator' }, {}, false],
    ['a brand, of what hangs below it', OF_BRAND, {}, true],
    ['a brand, of itself before its path is known', OF_BRAND, { brandId: 'mid' }, true],
    ['a brand, of another', OF_BRAND, { brandId: 'other' }, false],
    ['a brand, of what cannot be placed', OF_BRAND, { brandId: undefined }, false],
    ['a brand, of a customer without brand', OF_BRAND, { brandId: null }, false],
    ['an end user, of the own account', END_USER, {}, true],
    ['an end user, of another account', END_USER, { accountNo: 2 }, false],
    ['an end user, of what belongs to nobody', END_USER, { accountNo: null }, false],
    ['an end user, of operations', END_USER, { kind: 'operation' }, false],
    ['a manager, of connections', WHOLE, { kind: 'connection', accountNo: null }, true],
    ['a manager of a brand, of connections', OF_BRAND, { kind: 'connection', accountNo: null }, false],
    ['a reader, of connections', { ...WHOLE, role: 'partner-read-only' }, { kind: 'connection' }, false],
  ])('%s', (_what, viewer, over, expected) => {
    expect(maySee(viewer, { ...EVENT, ...over }, (brandId) => PATHS.get(brandId))).toBe(expected);
  });
});

describe('what a record tells of', () => {
  const record = (topic: string, payload: unknown, over: Partial<PassingRecord> = {}): PassingRecord => ({
    ...{ topic, key: '1', headers: { 'partner-id': PARTNER }, atMs: 5 },
    value: Buffer.from(JSON.stringify(payload)),
    ...over,
  });

  it('is the event, and the operation that reprocesses it', () => {
    const event = { eventId: ID, tenant: { accountNo: 7, brandId: 'leaf' } };
    expect(changesOf(record(backupEvents.name, { event, operationId: ID }))).toEqual([
      { kind: 'event', id: ID, partnerId: PARTNER, accountNo: 7, brandId: 'leaf', atMs: 5 },
      { kind: 'operation', id: ID, partnerId: PARTNER, accountNo: 7, brandId: 'leaf', atMs: 5 },
    ]);
  });

  it.each([mailOutcomes, syncOutcomes])('is the event of an outcome without ticket ($name)', ({ name }) => {
    expect(changesOf(record(name, { eventId: ID, accountNo: 7 }))).toMatchObject([
      { kind: 'event', id: ID, accountNo: 7 },
    ]);
  });

  it('is event, incident and ticket of an outcome', () => {
    const payload = { eventId: ID, incidentId: ID, ticketId: '1003', provider: 'autotask', accountNo: 7 };
    const kinds = changesOf(record(ticketOutcomes.name, payload)).map(({ kind, id }) => [kind, id]);
    expect(kinds).toEqual([['event', ID], ['incident', ID], ['ticket', 'autotask/1003']]); // prettier-ignore
  });

  it.each([
    ['no partner', record(backupEvents.name, { event: { eventId: ID } }, { headers: {} })],
    ['no JSON', record(backupEvents.name, null, { value: Buffer.from([0xff]) })],
    ['an id that is none', record(backupEvents.name, { event: { eventId: '\nevent: x' } })],
    ['a tombstone', record(ticketOutcomes.name, null, { value: null })],
    ['another topic', record('x', {})],
  ])('is nothing with %s', (_what, given) => expect(changesOf(given)).toEqual([]));
});

describe('the changes of the last minutes', () => {
  const at = (atMs: number, over: Partial<Change> = {}): Change => ({ ...EVENT, atMs, ...over });

  it('go on from any moment that is still known, and say so where one is not', () => {
    const log = new ChangeLog({ keepMs: 1000, most: 100 });
    expect(log.since(0)).toBeNull();
    log.beginAt(0);
    for (let ms = 0; ms <= 5000; ms += 500) log.add(at(ms));
    expect(log.since(4400)?.map(({ atMs }) => atMs)).toEqual([4500, 5000]);
    expect(log.since(100)).toBeNull();
  });

  it('are no more than may be kept', () => {
    const log = new ChangeLog({ keepMs: 60_000, most: 10 });
    log.beginAt(0);
    for (let ms = 0; ms < 100; ms += 1) log.add(at(ms));
    expect(log.since(0)).toBeNull();
    expect(log.since(98)).toHaveLength(2);
  });

  it('know the brand of an account from the record before', () => {
    const log = new ChangeLog({ keepMs: 1000, most: 10 });
    log.add(at(1));
    expect(log.add(at(2, { brandId: undefined }))).toMatchObject({ brandId: 'leaf' });
    expect(log.add(at(3, { brandId: undefined, accountNo: 9 })).brandId).toBeUndefined();
  });
});
