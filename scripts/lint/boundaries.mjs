/** The arrows between apps and libs, and the proof that the check bites: a fixture that breaks each of them. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root, say } from '../toolchain.mjs';

const MUST_BITE = [
  'libs-domain',
  'no-cycles',
  'no-app-to-app',
  'testing-in-specs-only',
  'psa-only-where-it-belongs',
  'sealed-opens-in-few-places',
];

function cruise(cwd) {
  const bin = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  return spawnSync(
    process.execPath,
    [bin, '--config', join(root, '.dependency-cruiser.cjs'), '--output-type', 'json', 'apps', 'libs'],
    {
      cwd,
      encoding: 'utf8',
      maxBuffer: 256 * 1024 * 1024,
    },
  );
}

const violationsOf = (run) => JSON.parse(run.stdout).summary.violations;

/** Counts one check for the tree and one for the fixture. */
export function checkBoundaries() {
  const tree = violationsOf(cruise(root));
  for (const violation of tree) say(`  ${violation.rule.name}: ${violation.from} -> ${violation.to}`);
  const bitten = new Set(
    violationsOf(cruise(join(root, 'scripts/lint/fixture'))).map((violation) => violation.rule.name),
  );
  const toothless = MUST_BITE.filter((rule) => !bitten.has(rule));
  if (toothless.length)
    say(`  the boundary check does not bite: ${toothless.join(', ')} found nothing in the fixture`);
  return {
    passed: (tree.length === 0) + (toothless.length === 0),
    failed: (tree.length > 0) + (toothless.length > 0),
  };
}
