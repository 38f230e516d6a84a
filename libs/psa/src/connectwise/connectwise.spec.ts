import { describe, expect, it } from '@jest/globals';
import { closingStatus, openStatus } from './board-status.js';
import { contains, equals } from './conditions.js';

describe('conditions are quoted and escaped', () => {
  it.each([
    [equals('externalXRef', 'BKABC'), 'externalXRef = "BKABC"'],
    [equals('summary', 'say "hi" or 1=1'), 'summary = "say \\"hi\\" or 1=1"'],
    [equals('summary', 'a\\'), 'summary = "a\\\\"'],
    [equals('summary', 'two\nlines'), 'summary = "two lines"'],
    [equals('company/id', 250), 'company/id = 250'],
    [equals('deletedFlag', false), 'deletedFlag = False'],
    [contains('summary', '[BFF] 100 %'), 'summary contains "[[]BFF] 100 %"'],
  ])('%s', (actual, expected) => {
    expect(actual).toBe(expected);
  });
});

describe('the status that closes or opens on a board', () => {
  const statuses = [
    { id: 1, name: 'New', defaultFlag: true, sortOrder: 2 },
    { id: 2, name: 'Assigned', sortOrder: 1 },
    { id: 3, name: 'Completed', closedStatus: true, sortOrder: 1 },
    { id: 4, name: '>Closed', closedStatus: true, sortOrder: 9 },
    { id: 5, name: 'Closed long ago', closedStatus: true, inactive: true },
  ];
  it.each([
    [undefined, 4],
    [3, 3],
    [1, 4],
    [5, 4],
    [999, 4],
  ])('closing, preferred %p: %i', (preferred, expected) => {
    expect(closingStatus(statuses, preferred)?.id).toBe(expected);
  });

  it.each([
    [undefined, 1],
    [2, 2],
    [4, 1],
  ])('opening, preferred %p: %i', (preferred, expected) => {
    expect(openStatus(statuses, preferred)?.id).toBe(expected);
  });

  it('is null where the board has none', () => {
    expect(closingStatus([{ id: 1, name: 'New' }], undefined)).toBeNull();
    expect(openStatus([{ id: 3, name: 'Closed', closedStatus: true }], undefined)).toBeNull();
  });
});
