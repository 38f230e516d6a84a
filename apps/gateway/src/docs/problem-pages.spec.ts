import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { problemPage, PROBLEMS, PROBLEMS_PAGE } from './problem-pages.js';

const ROOT = new URL('../../../..', import.meta.url).pathname;
const SLUG = /slug: '([a-z-]+)'|Problem\.forbidden\([^)]*?, '([a-z-]+)'\)/g;

function slugsIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.includes('src/') && name.endsWith('.ts') && !name.includes('node_modules'))
    .flatMap((name) => [...readFileSync(join(ROOT, folder, name), 'utf8').matchAll(SLUG)])
    .map(([, slug, forbidden]) => slug ?? forbidden ?? '');
}

test('every type of problem that the code can answer has its page, and no other', () => {
  const used = new Set([...slugsIn('libs'), ...slugsIn('apps')]);
  expect(used.size).toBeGreaterThan(15);
  expect([...used].filter((slug) => !(slug in PROBLEMS))).toEqual([]);
});

test('a page says what it means and what to do; what is no problem has none', () => {
  expect(problemPage('refused')).toContain('What to do');
  expect(PROBLEMS_PAGE).toContain('/docs/problems/refused');
  for (const slug of ['nothing', 'constructor', '__proto__'])
    expect(() => problemPage(slug)).toThrow('There is nothing at this address.');
});
