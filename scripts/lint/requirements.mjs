/** docs/requirements.md: every requirement once, with tests that name it, or with what is missing. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../toolchain.mjs';

const DOCUMENT = 'docs/requirements.md';
/** How many of each letter there are. */
const COUNTS = { A: 24, B: 21, C: 51, D: 47, E: 64, F: 37, G: 11 };
/** Numbers that were never given. */
const NEVER = new Set([18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 48, 49].map((n) => `E${n}`));
const ROW = /^\| ([A-G]\d{1,2}) \| ([^|]+) \| ([^|]+) \|$/gm;
/** Each of these changes of the document must be a problem. */
const MUST_BITE = [
  [/^\| A1 .*\n/m, ''],
  [/^(\| A3 .*)`[^`]+`/m, '$1`apps/accounts/src/nowhere.spec.ts`'],
  [/^(\| A3 \|[^|]*\|)[^|]*\|$/m, '$1 by reading |'],
  [/^(\| A3 \|[^|]*\|)[^|]*\|$/m, '$1 `libs/domain/src/severity.spec.ts` |'],
];

const textOf = (path) => readFileSync(join(root, path), 'utf8');

function problemsOfRow([, number, , proof]) {
  const specs = [...proof.matchAll(/`([^`]+\.spec\.ts)`/g)].map(([, path]) => path);
  if (specs.length === 0)
    return /\bnot yet\b/.test(proof) ? [] : [`${number} has no test and does not say "not yet"`];
  return specs.flatMap((path) => {
    if (!existsSync(join(root, path))) return [`${number} names ${path}, which does not exist`];
    return new RegExp(`\\b${number}\\b`).test(textOf(path)) ? [] : [`${path} does not name ${number}`];
  });
}

function problemsIn(text) {
  const rows = [...text.matchAll(ROW)];
  const numbers = rows.map(([, number]) => number);
  const wanted = Object.entries(COUNTS).flatMap(([letter, count]) =>
    Array.from({ length: count }, (_, index) => `${letter}${index + 1}`).filter((each) => !NEVER.has(each)),
  );
  return [
    ...wanted.filter((number) => !numbers.includes(number)).map((number) => `${number} is missing`),
    ...numbers
      .filter((number, index) => numbers.indexOf(number) !== index)
      .map((number) => `${number} stands twice`),
    ...rows.flatMap(problemsOfRow),
  ].map((problem) => `${DOCUMENT}: ${problem}`);
}

export function requirements() {
  const text = textOf(DOCUMENT);
  const toothless = MUST_BITE.filter(([from, to]) => problemsIn(text.replace(from, to)).length === 0);
  return [
    ...problemsIn(text),
    ...toothless.map(([from]) => `the check of ${DOCUMENT} does not notice a change of ${from}`),
  ];
}
