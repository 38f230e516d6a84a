import { describe, expect, it } from '@jest/globals';
import { Problem } from '@backhaul/http';
import { SEARCH_FIELDS } from '../events/search.types.js';
import { checkSearch, rowConditionsOf } from './search-conditions.js';
import { KINDS, SEARCH_KINDS, type SearchKind } from './search-kinds.js';
import type { SavedCondition, SearchSettings } from './saved-search.js';

const KIND: SearchKind = 'search-backupsets';
const one = (field: string, operator: SavedCondition['operator'], term: string | number) =>
  rowConditionsOf({ kind: KIND, all: [{ field, operator, term }] });
const text = (field: string, pattern: string, isNegated = false) => ({
  texts: [{ field, pattern, isNegated }],
  times: [],
});

describe('conditions of a saved search (F36)', () => {
  it.each<[string, SavedCondition['operator'], string | number, string, boolean]>([
    ['jobName', 'like', 'a?*_%', 'a_%\\_\\%', false],
    ['jobName', 'contains', '*', '%*%', false],
    ['jobName', 'notEquals', 'x', 'x', true],
    ['accountNo', 'equals', '0080202028', '80202028', false],
    ['accountNo', 'startsWith', '802', '802%', false],
    ['storedBytes', 'equals', '', '', false],
    ['lastRunAt', 'equals', '2026-11-21', '2026-11-21T00:00:00.000Z', false],
    ['lastRunAt', 'startsWith', '2026-11-21', '2026-11-21%', false],
    ['lastRunAt', 'notEquals', '', '', true],
  ])('%s %s %p is compared with %p', (field, operator, term, pattern, isNegated) => {
    expect(one(field, operator, term)).toEqual(text(field, pattern, isNegated));
  });

  it('times before and after are times', () => {
    const ms = Date.parse('2026-11-21T10:00:00Z');
    const time = (isAfter: boolean) => ({ texts: [], times: [{ field: 'lastRunAt', ms, isAfter }] });
    expect(one('lastRunAt', 'after', '2026-11-21T12:00:00+02:00')).toEqual(time(true));
    expect(one('lastRunAt', 'before', '2026-11-21T10:00')).toEqual(time(false));
  });
});

describe('what a kind has not', () => {
  const problemOf = (settings: Partial<SearchSettings>): unknown => {
    try {
      checkSearch({ name: 'x', kind: KIND, all: [], columns: [], ...settings });
      return null;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return [error.status, error.errors?.map(({ pointer }) => pointer)];
    }
  };
  const condition = (field: string): SavedCondition => ({ field, operator: 'like', term: '*' });

  it('is pointed at, all of it at once', () => {
    const all = ['jobName', 'volume', 'toString', '__proto__'].map(condition);
    expect(problemOf({ all, columns: ['jobId', 'lastImageAt'] })).toEqual([
      400,
      ['/all/1/field', '/all/2/field', '/all/3/field', '/columns/1'],
    ]);
  });

  it.each(SEARCH_KINDS)('%s takes each of its fields and columns', (kind) => {
    const { fields, columns } = KINDS[kind];
    expect(problemOf({ kind, all: Object.keys(fields).map(condition), columns: [...columns] })).toBeNull();
  });

  it('runs are searched by what the event log is searched by', () => {
    expect(Object.keys(KINDS['search-backupjobs'].fields)).toEqual([...SEARCH_FIELDS]);
  });
});
