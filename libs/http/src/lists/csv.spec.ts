import { expect, test } from '@jest/globals';
import { attachment, csvRecord } from './csv.js';

test.each<[string, string]>([
  ['plain', 'plain'],
  ['a,b', '"a,b"'],
  ['say "x"', '"say ""x"""'],
  ['two\nlines', '"two\nlines"'],
  ['=HYPERLINK("x")', '"\'=HYPERLINK(""x"")"'],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\t=1', "'\t=1"],
  ['\r=1', '"\'\r=1"'],
  ['\0=1', "'\0=1"],
  [' =1', ' =1'],
  ['', ''],
  ['ÄÖ', 'ÄÖ'],
])('%j becomes the cell %j', (text, cell) => {
  expect(csvRecord([text, 7, null])).toBe(`${cell},7,\r\n`);
});

test('a number that is one is no formula', () => {
  expect(csvRecord([-1])).toBe('-1\r\n');
});

test('a file name is told in ASCII, and whole where it is not (RFC 6266)', () => {
  expect(attachment('events.csv')).toBe('attachment; filename="events.csv"');
  expect(attachment('Größe".csv')).toBe(
    'attachment; filename="Gr__e_.csv"; filename*=UTF-8\'\'Gr%C3%B6%C3%9Fe%22.csv',
  );
});
