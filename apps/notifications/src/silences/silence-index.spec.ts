import { describe, expect, it } from '@jest/globals';
import type { AccountNo, BrandId, CustomerId, PartnerId } from '@backhaul/domain';
import { BRAND, buildKnownEvent, CUSTOMER, type EventIn, PARTNER } from '../testing/builders.js';
import { SilenceIndex } from './silence-index.js';
import { quietUntil, type Silence, type SilenceScope, wordsOf } from './silence.js';

const ROOT = '01920000-0000-7000-8000-0000000000b0' as BrandId;
const SIBLING = '01920000-0000-7000-8000-0000000000b2' as BrandId;
const PATHS = new Map([
  [ROOT, [ROOT]],
  [BRAND, [ROOT, BRAND]],
  [SIBLING, [ROOT, SIBLING]],
]);
const AT = Date.parse('2026-11-20T02:00:00Z');

function silence({ scope, ...over }: Partial<Omit<Silence, 'scope'>> & { scope?: Partial<SilenceScope> } = {}): Silence {
  return {
    id: '01920000-0000-7000-8000-00000000051e',
    partnerId: PARTNER,
    ownerBrandId: null,
    kind: 'silence',
    eventTypes: [],
    startsAt: new Date('2026-11-20T00:00:00Z'),
    endsAt: new Date('2026-11-20T06:00:00Z'),
    weekly: null,
    reason: 'The disk is on its way',
    createdBy: 'account:1',
    createdAt: new Date('2026-11-20T00:00:00Z'),
    ...over,
    scope: { brandIds: [], custIds: [], accountNos: [], hostNames: [], jobNames: [], ...scope },
  };
} // prettier-ignore

const isQuiet = (one: Silence, event: EventIn = {}, atMs = AT): boolean => {
  const index = new SilenceIndex();
  index.replace(PARTNER, [one], PATHS);
  return index.at(buildKnownEvent(event), atMs) !== null;
};

describe('SilenceIndex', () => {
  it.each<[string, Partial<SilenceScope>, EventIn, boolean]>([
    ['the whole partner', {}, {}, true],
    ['the own brand', { brandIds: [BRAND] }, {}, true],
    ['a brand above', { brandIds: [ROOT] }, {}, true],
    ['a brand beside', { brandIds: [SIBLING] }, {}, false],
    ['the customer', { custIds: [CUSTOMER] }, {}, true],
    ['another customer', { custIds: [1 as CustomerId] }, {}, false],
    ['another account', { accountNos: [1 as AccountNo] }, {}, false],
    ['any of the places', { accountNos: [1 as AccountNo], custIds: [CUSTOMER] }, {}, true],
    ['the machine, however written', { hostNames: ['acme-fs01'] }, {}, true],
    ['another machine', { hostNames: ['ACME-FS02'] }, {}, false],
    ['the job by its name', { jobNames: ['acme FILES'] }, {}, true],
    ['the job by its id', { jobNames: ['DB-1'] }, {}, true],
    ['another job of that machine', { hostNames: ['ACME-FS01'], jobNames: ['DB-2'] }, {}, false],
    ['another partner', {}, { partnerId: '01920000-0000-7000-8000-000000000002' as PartnerId }, false],
  ])('a silence of %s', (_what, scope, event, expected) => {
    expect(isQuiet(silence({ scope }), event)).toBe(expected);
  });

  it('holds below the brand of who made it, and nowhere else', () => {
    const ofSibling = { ownerBrandId: SIBLING };
    expect(isQuiet(silence(ofSibling))).toBe(false);
    expect(isQuiet(silence({ ...ofSibling, scope: { custIds: [CUSTOMER] } }))).toBe(false);
    expect(isQuiet(silence({ ...ofSibling, scope: { brandIds: [ROOT] } }))).toBe(false);
    expect(isQuiet(silence({ ownerBrandId: ROOT }))).toBe(true);
    expect(isQuiet(silence({ ownerBrandId: ROOT }), { brandId: null })).toBe(false);
  });

  it('keeps to its types', () => {
    expect(isQuiet(silence({ eventTypes: ['backup.missed'] }))).toBe(false);
    expect(isQuiet(silence({ eventTypes: ['backup.missed', 'backup.failed'] }))).toBe(true);
  });

  it.each([
    ['2026-11-19T23:59:59.999Z', false],
    ['2026-11-20T00:00:00.000Z', true],
    ['2026-11-20T05:59:59.999Z', true],
    ['2026-11-20T06:00:00.000Z', false],
  ])('holds at %s: %s', (at, expected) => expect(isQuiet(silence(), {}, Date.parse(at))).toBe(expected));

  it('answers of several the one that holds longest, and names it', () => {
    const index = new SilenceIndex();
    const longer = silence({ kind: 'maintenance', reason: 'Move', endsAt: new Date('2026-11-21T00:00:00Z') });
    index.replace(PARTNER, [silence(), longer, silence({ scope: { custIds: [CUSTOMER] } })], PATHS);
    const quiet = index.at(buildKnownEvent(), AT);
    expect(quiet && wordsOf(quiet)).toEqual({
      reason: 'maintenance',
      message: `Maintenance window "Move" (${longer.id}) until 2026-11-21T00:00:00.000Z.`,
    });
    index.replace(PARTNER, [], PATHS);
    expect(index.at(buildKnownEvent(), AT)).toBeNull();
  });

  it('ends each week, and for good at its end', () => {
    const weekly = { days: ['fri'], from: '01:00', to: '04:00', timeZone: 'UTC' } as const;
    const window = silence({ kind: 'maintenance', weekly, endsAt: new Date('2026-11-27T03:00:00Z') });
    const ends = [
      '2026-11-20T02:00:00Z',
      '2026-11-20T05:00:00Z',
      '2026-11-27T02:00:00Z',
      '2026-11-27T03:30:00Z',
    ];
    expect(ends.map((at) => quietUntil(window, Date.parse(at)))).toEqual([
      Date.parse('2026-11-20T04:00:00Z'),
      null,
      Date.parse('2026-11-27T03:00:00Z'),
      null,
    ]);
  });
});
