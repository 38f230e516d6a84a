import { describe, expect, it } from '@jest/globals';
import { matches } from './condition-match.js';
import { BadConditions } from './condition-tokens.js';
import { parseConditions } from './conditions.js';

const RECORD = {
  id: 7,
  summary: 'Backup failed [SRV-01] 100%',
  company: { id: 250, name: 'ACME Corp' },
  closedFlag: false,
  dateEntered: '2026-11-20T10:00:00Z',
  externalXRef: 'a "quoted" \\ mark',
};
const holds = (text: string): boolean =>
  matches(parseConditions(text), RECORD, (field) => !field.startsWith('nope'));

describe('conditions that hold', () => {
  it.each([
    'id = 7', 'id=7', 'id != 8', 'id > 6 and id < 8', 'id >= 7 and id <= 7', 'summary contains "FAILED"',
    'summary like "Backup%"', 'summary like "backup*100*"', 'summary like "%failed [[]srv-01]%"', 'id in (1, 7)', 'not id in (1,2)',
    'id not in (1,2)', 'summary not like "x%"', 'company/id = 250', 'company/name = "acme corp"', 'closedFlag = False',
    'closedFlag != True', 'dateEntered > [2026-11-20T09:59:59Z]', 'dateEntered = [2026-11-20T10:00:00Z]',
    'closedDate = null', 'summary != null', 'externalXRef = "a \\"quoted\\" \\\\ mark"', "company/name = 'ACME Corp'",
    'id = 1 or id = 2 or id = 7', 'id = 7 or id = 1 and id = 2', '(id = 7 or id = 1) and closedFlag = false',
    'not (id = 1)', 'NOT id = 1 AND ID = 7', '((((id = 7))))', 'closedDate != "x"',
  ])('%s', (text) => {
    expect(holds(text)).toBe(true);
  }); // prettier-ignore
});

describe('conditions that do not hold', () => {
  it.each([
    'id = 8', 'id = 7 and id = 8', '(id = 7 or id = 1) and closedFlag = true', 'not id = 7', 'company/id = 251',
    'summary like "failed"', 'summary like "%backup"', 'summary = "Backup"', 'id in (1,2)', 'id not in (7)',
    'closedDate = "2026"', 'closedDate > [2026-01-01T00:00:00Z]', 'missing/deep/path = 1', 'closedDate contains "x"',
  ])('%s', (text) => {
    expect(holds(text)).toBe(false);
  }); // prettier-ignore
});

describe('conditions that the vendor refuses', () => {
  it.each([
    'id', 'id =', '= 7', 'id == 7', 'id = 7 and', 'id = 7 id = 8', '(id = 7', 'id = 7)', 'summary = Backup', 'summary = "open',
    'id in 7', 'id in ()', 'id in (7', 'closedFlag = "False"', 'id = "7"', 'summary > 7', 'dateEntered > "2026-11-20"',
    'dateEntered > [2026-11-20T10:00:00.123Z]', 'dateEntered > [yesterday]', 'summary contains 7', 'id > null', 'nope = 1',
    'closedFlag = True; drop', 'id = 7 or nope = 1', '"id" = 7', 'not', '()', 'id = 0x7',
  ])('%s', (text) => {
    expect(() => holds(text)).toThrow(BadConditions);
  }); // prettier-ignore

  it('nesting without end', () => {
    expect(() => parseConditions(`${'('.repeat(5_000)}id = 7${')'.repeat(5_000)}`)).toThrow(BadConditions);
    expect(() => parseConditions(`${'not '.repeat(5_000)}id = 7`)).toThrow(BadConditions);
  });
});
