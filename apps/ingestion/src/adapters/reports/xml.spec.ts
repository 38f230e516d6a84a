import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { UnreadableReport } from '../adapter.js';
import { childText, parseXml } from './xml.js';

describe('parseXml', () => {
  it('reads elements, attributes, text, and where they stand', () => {
    const source = `\ufeff<?xml version="1.0"?><!-- <x> --><n:a k='1 &lt; 2' xml:l="&#65;&#x42;&quot;"><b>x &amp; y</b><c/><d><![CDATA[<e>]]></d></n:a>\n`;
    const root = parseXml(source);
    expect([root.name, root.attributes.get('k'), root.attributes.get('l')]).toEqual(['a', '1 < 2', 'AB"']);
    expect([childText(root, 'b'), childText(root, 'c'), childText(root, 'd')]).toEqual([
      'x & y',
      null,
      '<e>',
    ]);
    const [b] = root.children;
    expect(source.slice(b?.start, b?.end)).toBe('<b>x &amp; y</b>');
  });

  it.each([
    ['nothing', ''],
    ['text', 'a'],
    ['two roots', '<a/><b/>'],
    ['text beside the root', '<a/>b'],
    ['an element left open', '<a><b></a>'],
    ['another end', '<a></b>'],
    ['a tag cut off', '<a'],
    ['a comment cut off', '<!-- <a/>'],
    ['a declaration', '<!DOCTYPE a><a/>'],
    ['an attribute without quotes', '<a b=c/>'],
    ['nesting without end', '<a>'.repeat(200)],
  ])('refuses %s', (_name, text) => {
    expect(() => parseXml(text)).toThrow(UnreadableReport);
  });

  it('leaves entities that it does not know as they are', () => {
    expect(parseXml('<a>&bomb; &#1114112; &</a>').text).toBe('&bomb; &#1114112; &');
  });

  it('throws nothing else, on any text', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '/',
      '<a',
      '</a>',
      '="',
      "'",
      '&lt;',
      '<![CDATA[',
      ']]>',
      '<!--',
      ' k="v"',
      'x',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        try {
          parseXml(pieces.join(''));
        } catch (error) {
          if (!(error instanceof UnreadableReport)) throw error;
        }
      }),
      { numRuns: 500 },
    );
  });

  it('takes two MiB of any of its marks in no time that matters', () => {
    const size = 2 * 1024 * 1024;
    const began = performance.now();
    for (const mark of ['<a ', '<a b="', '<!--', '&#1', '<a>', ' ', '<a b="1"', 'a:'])
      expect(() => parseXml(`<r ${mark.repeat(size / mark.length)}`)).toThrow(UnreadableReport);
    expect(performance.now() - began).toBeLessThan(5000);
  });
});
