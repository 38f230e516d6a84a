/** The checks that need no server: format, lint, boundaries, types. Each counts one. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root, say } from '../toolchain.mjs';
import { checkBoundaries } from './boundaries.mjs';
import { checkWorkspace } from './workspace.mjs';

function tool(name, file, args) {
  const run = spawnSync(
    process.execPath,
    ['--max-old-space-size=4096', join(root, 'node_modules', file), ...args],
    { cwd: root, stdio: 'inherit' },
  );
  return { name, passed: run.status === 0 ? 1 : 0, failed: run.status === 0 ? 0 : 1 };
}

const checks = {
  format: () => tool('format', 'prettier/bin/prettier.cjs', ['--check', '--log-level', 'warn', '.']),
  lint: () =>
    tool('lint', 'eslint/bin/eslint.js', ['--max-warnings', '0', 'apps', 'libs', 'scripts', 'bench']),
  boundaries: () => checkBoundaries(),
  workspace: () => checkWorkspace(),
  types: () => tool('types', 'typescript/bin/tsc', ['-p', 'tsconfig.check.json']),
};

export function runChecks(names = Object.keys(checks)) {
  const total = { passed: 0, failed: 0 };
  for (const name of names) {
    const startedAt = performance.now();
    const { passed, failed } = checks[name]();
    say(`${failed ? '✗' : '✓'} ${name} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
    total.passed += passed;
    total.failed += failed;
  }
  return total;
}
