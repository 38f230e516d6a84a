import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repoRoot } from '../servers.js';

export type Result = 'failure' | 'success';

const texts = new Map<Result, string>();

function exampleOf(result: Result): string {
  const known = texts.get(result);
  if (known !== undefined) return known;
  const text = readFileSync(join(repoRoot, `docs/examples/duplicati-${result}.json`), 'utf8');
  texts.set(result, text);
  return text;
}

/** What Duplicati posts of that job at that time. The same arguments give the same bytes. */
export function duplicatiReport(result: Result, job: string, at: Date): string {
  return exampleOf(result)
    .replace(/((?:Begin|End)Time": ")[^"]*/g, `$1${at.toISOString()}`)
    .replace('DB-2', job)
    .replace('Nightly files', job);
}
