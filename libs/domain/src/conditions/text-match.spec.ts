import { describe, expect, test } from '@jest/globals';
import { folded, matchesText, type TextOperator } from './text-match.js';

const matches = (operator: TextOperator, text: string, term: string): boolean =>
  matchesText(operator, folded(text), folded(term));

/** The same by trying every way, which only short texts can bear. */
function likeByTrying(text: string, term: string): boolean {
  const [first, ...rest] = Array.from(term);
  const [char, ...after] = Array.from(text);
  if (first === undefined) return char === undefined;
  if (first === '*')
    return likeByTrying(text, rest.join('')) || (char !== undefined && likeByTrying(after.join(''), term));
  return (
    char !== undefined && (first === '?' || first === char) && likeByTrying(after.join(''), rest.join(''))
  );
}

/** All texts up to that length. */
const textsOf = (letters: string, longest: number): string[] =>
  longest === 0
    ? ['']
    : [
        '',
        ...Array.from(letters).flatMap((letter) =>
          textsOf(letters, longest - 1).map((rest) => letter + rest),
        ),
      ];

describe('texts compared (F22, F23)', () => {
  test.each<[TextOperator, string, string, boolean]>([
    ['like', 'long', '?*', true],
    ['like', 'x', '?*', true],
    ['like', '', '?*', false],
    ['like', '', '*', true],
    ['like', '', '', true],
    ['like', 'x', '', false],
    ['like', 'Disk full', 'disk*', true],
    ['like', 'Disk full', 'disk', false],
    ['like', 'Disk full', '*FULL', true],
    ['like', 'Disk full', 'd?s?*?', true],
    ['like', '100%_full', '*%_*', true],
    ['like', '100 full', '*%*', false],
    ['like', 'a\nb', 'a?b', true],
    ['like', '😀x', '?x', true],
    ['like', '😀x', '??', true],
    ['equals', 'GROẞ', 'groß', true],
    ['equals', 'a*', 'A*', true],
    ['equals', 'ab', 'a*', false],
    ['notEquals', '', 'x', true],
    ['notEquals', 'X', 'x', false],
    ['startsWith', 'ACME-FS01', 'acme-', true],
    ['startsWith', 'x', '', true],
    ['contains', 'Täglich GROß', 'TÄGLICH', true],
    ['contains', 'x', '*', false],
    ['contains', 'İstanbul', 'i', true],
  ])('%s: %p and %p give %p', (operator, text, term, expected) => {
    expect(matches(operator, text, term)).toBe(expected);
  });

  test('every short pattern means what trying all ways says', () => {
    const texts = textsOf('ab', 5);
    const wrong = textsOf('ab?*', 4).flatMap((term) =>
      texts
        .filter((text) => matches('like', text, term) !== likeByTrying(text, term))
        .map((text) => [term, text]),
    );
    expect(wrong).toEqual([]);
  });

  test('patterns longer than a machine word are right at each of its edges', () => {
    for (const length of [30, 31, 32, 33, 63, 64, 65, 999]) {
      const text = 'ab'.repeat(500).slice(0, length);
      expect([length, matches('like', text, text)]).toEqual([length, true]);
      expect([length, matches('like', text, '?'.repeat(length))]).toEqual([length, true]);
      expect([length, matches('like', text, '?'.repeat(length + 1))]).toEqual([length, false]);
      expect([length, matches('like', `x${text}y`, `?${text}*`)]).toEqual([length, true]);
      expect([length, matches('contains', `--${text}--`, text)]).toEqual([length, true]);
      expect([length, matches('contains', `--${text}--`, `${text}!`)]).toEqual([length, false]);
    }
  });

  test.each<[string, TextOperator, string, string]>([
    ['stars between letters', 'like', 'a'.repeat(2000), `${'*a'.repeat(499)}*b`],
    ['stars and marks', 'like', 'a'.repeat(2000), `${'*?'.repeat(499)}b`],
    ['nothing but stars', 'like', 'a'.repeat(2000), `${'*'.repeat(999)}b`],
    ['a long needle', 'contains', 'a'.repeat(2000), `b${'a'.repeat(999)}`],
    ['as many letters as places', 'like', 'a'.repeat(2000), `*${String.fromCodePoint(...Array.from({ length: 998 }, (_, i) => 0x4e00 + i))}`],
  ])('%s take no longer than their lengths', (_what, operator, text, term) => {
    const from = performance.now();
    for (let again = 0; again < 20; again += 1) expect(matches(operator, text, term)).toBe(false);
    // Trying ways one after the other would take years; a thousand times its usual time is still a failure.
    expect(performance.now() - from).toBeLessThan(5000);
  }); // prettier-ignore
});
