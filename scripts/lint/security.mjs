/** docs/security.md claims no more than there is: its files exist, each promise has a test or says what is missing. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../toolchain.mjs';

const DOCUMENT = 'docs/security.md';
const FILE = /`([\w.-]+(?:\/[\w.-]+)*\.(?:ts|mjs|cjs|md|yml|json))`/g;
const SPEC = /`[^`]+\.spec\.ts`/;
const OPEN = /\b(not yet|operator's): \S/;
/** Each of these changes of the document must be a problem. */
const MUST_BITE = [
  [/^(\|.*)access-matrix\.db\.spec\.ts/m, '$1access-matrix-of-old.db.spec.ts'],
  ['.dependency-cruiser.cjs', '.dependency-cruiser-of-old.cjs'],
  [/^(\| 1\.1\.1 .*\|)[^|]*\|$/m, '$1 by reading |'],
  [/not yet: /g, 'later '],
  [/^\| requirement .*$/m, '| requirement | asks for | how it is met | where |'],
];

const cellsOf = (row) => row.split('|').slice(1, -1).map((cell) => cell.trim()); // prettier-ignore

/** Rows below a header that ends in "proven by"; a table without that column promises nothing. */
function promisesIn(text) {
  const tables = text.match(/(?:^\|.*\n)+/gm) ?? [];
  return tables.flatMap((table) => {
    const [header, , ...rows] = table.trim().split('\n').map(cellsOf);
    return header?.at(-1) === 'proven by' ? rows.filter((cells) => cells.length === header.length) : [];
  });
}

function problemsIn(text) {
  const files = [...new Set([...text.matchAll(FILE)].map(([, file]) => file))];
  const promises = promisesIn(text);
  const rows = text.split('\n').filter((line) => /^\| [^|]/.test(line) && !line.endsWith('| proven by |'));
  return [
    ...files
      .filter((file) => !existsSync(join(root, file)))
      .map((file) => `names ${file}, which does not exist`),
    ...promises
      .filter((cells) => !SPEC.test(cells.at(-1)) && !OPEN.test(cells.at(-1)))
      .map(([promise]) => `${promise} has no test and does not say what is missing`),
    ...(promises.length === rows.length ? [] : ['has rows without a column that says what proves them']),
  ].map((problem) => `${DOCUMENT}: ${problem}`);
}

export function security() {
  const text = readFileSync(join(root, DOCUMENT), 'utf8');
  const toothless = MUST_BITE.filter(([from, to]) => problemsIn(text.replace(from, to)).length === 0);
  return [
    ...problemsIn(text),
    ...toothless.map(([from]) => `the check of ${DOCUMENT} does not notice a change of ${from}`),
  ];
}
