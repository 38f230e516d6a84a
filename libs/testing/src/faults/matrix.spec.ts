import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { repoRoot } from '../servers.js';
import { ROWS } from './rows/index.js';

const REQUIRED = [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
  30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54,
];

const here = dirname(fileURLToPath(import.meta.url));
const files = readdirSync(join(here, 'rows')).filter((name) => name.startsWith('row-'));
const numberOf = (file: string): number => Number(/^row-(\d\d)-[a-z0-9-]+\.ts$/.exec(file)?.[1]);
const sourceOf = (file: string): string => readFileSync(join(here, file), 'utf8');
const groupsThatRun = readdirSync(here)
  .filter((name) => name.endsWith('.long.spec.ts'))
  .map((name) => /^describeGroup\('(\w+)'\);$/m.exec(sourceOf(name))?.[1]);

describe('the fault matrix', () => {
  it('has a file for each row, and no other', () => {
    expect(files.map(numberOf).sort((a, b) => a - b)).toEqual(REQUIRED);
  });

  it.each(files)('%s is a row of that number, and is run', async (file) => {
    const { row } = (await import(join(here, 'rows', file))) as { row: (typeof ROWS)[number] };
    expect(row.number).toBe(numberOf(file));
    expect(ROWS.filter((listed) => listed === row)).toHaveLength(1);
    if (row.smaller)
      expect([row.smaller, existsSync(join(repoRoot, row.smaller))]).toEqual([row.smaller, true]);
    else expect(groupsThatRun).toContain(row.group);
  });

  it('lists nothing twice', () => {
    expect(ROWS.map(({ number }) => number).sort((a, b) => a - b)).toEqual(REQUIRED);
  });
});
