import { describe, expect, test } from '@jest/globals';
import type { TextOperator } from '@backhaul/domain';
import { matchesEmpty, patternOf, quickPatternOf } from './search-pattern.js';

describe('patterns of a search', () => {
  test.each<[TextOperator, string, string]>([
    ['like', '?*', '_%'],
    ['like', '*?', '_%'],
    ['like', 'a?c*', 'a_c%'],
    ['like', '***??*', '__%'],
    ['like', '100%_\\*', '100\\%\\_\\\\%'],
    ['like', '', ''],
    ['equals', 'a*b?', 'a*b?'],
    ['startsWith', '50%', '50\\%%'],
    ['contains', 'C:\\x_y', '%C:\\\\x\\_y%'],
    ['notEquals', 'x', 'x'],
  ])('%s %p becomes %p (F22, F23)', (operator, term, pattern) => {
    expect(patternOf(operator, term)).toEqual({ pattern, isNegated: operator === 'notEquals' });
  });

  test.each<[TextOperator, string, boolean]>([
    ['like', '?*', false],
    ['like', '*', true],
    ['like', '**', true],
    ['equals', '', true],
    ['notEquals', '', false],
    ['notEquals', 'x', true],
    ['contains', '', true],
    ['contains', '%', false],
  ])('%s %p and an empty field: %p', (operator, term, expected) => {
    expect(matchesEmpty(patternOf(operator, term))).toBe(expected);
  });

  test('a quick search finds its words anywhere, and takes wildcards', () => {
    expect(quickPatternOf('disk')).toBe('%disk%');
    expect(quickPatternOf('disk*')).toBe('disk%');
  });
});
