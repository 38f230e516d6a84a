import { describe, expect, it } from '@jest/globals';
import { UnreadableReport } from '../adapter.js';
import { nativeReport } from '../testing/report.js';
import { parseObject } from './json.js';
import { partsAt } from './parts.js';

const cut = (text: string, path: string[]) => partsAt(nativeReport('bareos', text), parseObject(text), path);

describe('partsAt', () => {
  it('gives each element what stands beside the list', () => {
    const parts = cut('{"zone":"UTC","result":{"n":2,"jobs":[{"id":1},"x"]}}', ['result', 'jobs']);
    expect(parts.map(({ text }) => text)).toEqual([
      '{"zone":"UTC","result":{"n":2,"jobs":[{"id":1}]}}',
      '{"zone":"UTC","result":{"n":2,"jobs":["x"]}}',
    ]);
    expect(parts.every(({ text, body }) => body.toString() === text)).toBe(true);
  });

  it.each(['{"a": [ {"x": 1e0} ]}', '{"a": []}', '{"a": {"0": 1}}', '{"b": 1}'])(
    'leaves %s as it is',
    (text) => {
      expect(cut(text, ['a']).map((part) => part.text)).toEqual([text]);
    },
  );

  it('rounds no number and sets no prototype', () => {
    const [part] = cut('{"__proto__":{"p":1},"a":[{"big":12345678901234567890},2]}', ['a']);
    expect(part?.text).toBe('{"__proto__":{"p":1},"a":[{"big":"12345678901234567890"}]}');
  });

  it('refuses more than anybody sends at once', () => {
    expect(() => cut(JSON.stringify({ a: Array.from({ length: 1001 }, () => 1) }), ['a'])).toThrow(
      UnreadableReport,
    );
  });
});
