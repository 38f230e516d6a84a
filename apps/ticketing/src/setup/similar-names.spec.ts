import { describe, expect, it } from '@jest/globals';
import { plainName, similarNames } from './similar-names.js';

const named = (names: string[]) => names.map((name, at) => ({ id: String(at), name }));
const pairs = (left: string[], right: string[]) =>
  similarNames(named(left), named(right)).map(({ left: l, right: r, confidence }) => [
    l.name,
    r.name,
    confidence,
  ]);

describe('names that mean the same', () => {
  it.each([
    ['ACME Corp', 'Acme Corporation', 'acme'],
    ['Müller & Söhne GmbH', 'Muller and Sohne', 'muller and sohne'],
    ['The Company', 'the company', 'the'],
    ['Ltd.', 'LTD', 'ltd'],
  ])('%s and %s are %s', (a, b, plain) => {
    expect([plainName(a), plainName(b)]).toEqual([plain, plain]);
  });

  it('the same name is 1, another spelling less, another name nothing', () => {
    expect(pairs(['ACME Corp'], ['acme corp', 'Globex'])).toEqual([['ACME Corp', 'acme corp', 1]]);
    expect(pairs(['ACME Corp'], ['ACME, Inc.'])).toEqual([['ACME Corp', 'ACME, Inc.', 0.95]]);
    expect(pairs(['Springfield Dental'], ['Springfield Dentists'])[0]?.[2]).toBeLessThan(0.95);
    expect(pairs(['ACME Corp'], ['Globex', 'Initech'])).toEqual([]);
  });

  it('each side is in one pair, the surest wins', () => {
    expect(pairs(['Globex', 'Globex East'], ['Globex', 'Globex East'])).toEqual([
      ['Globex', 'Globex', 1],
      ['Globex East', 'Globex East', 1],
    ]);
  });

  it('two that are equally sure are none: a person has to say', () => {
    expect(pairs(['ACME'], ['ACME Inc', 'ACME Ltd'])).toEqual([]);
    expect(pairs(['ACME Inc', 'ACME Ltd'], ['ACME'])).toEqual([]);
  });

  it('compares thousands in a moment', () => {
    const many = Array.from({ length: 3000 }, (_, at) => `Customer number ${at}`);
    const begun = performance.now();
    similarNames(named(many), named(many.toReversed()));
    expect(performance.now() - begun).toBeLessThan(3000);
  });
});
