/** The checks that need no server: format, lint, boundaries, types. Each counts one. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root, say } from '../toolchain.mjs';
import { checkBoundaries } from './boundaries.mjs';
import { checkWorkspace } from './workspace.mjs';

async function tool(name, file, args) {
  const run = spawn(
    process.execPath,
    ['--max-old-space-size=4096', join(root, 'node_modules', file), ...args],
    {
      cwd: root,
      stdio: 'inherit',
    },
  );
  const code = await new Promise((done) => run.once('exit', done));
  return { name, passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1 };
}

const checks = {
  format: () => tool('format', 'prettier/bin/prettier.cjs', ['--check', '--log-level', 'warn', '.']),
  lint: () =>
    tool('lint', 'eslint/bin/eslint.js', ['--max-warnings', '0', 'apps', 'libs', 'scripts', 'bench']),
  boundaries: () => checkBoundaries(),
  workspace: () => checkWorkspace(),
  types: () => tool('types', 'typescript/bin/tsc', ['-p', 'tsconfig.check.json']),
};

async function runOne(name) {
  const startedAt = performance.now();
  const { passed, failed } = await checks[name]();
  say(`${failed ? '✗' : '✓'} ${name} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
  return { passed, failed };
}

/** Two at a time: lint takes as long as all others. */
export async function runChecks(names = Object.keys(checks)) {
  const waiting = names.toSorted((a, b) => Number(b === 'lint') - Number(a === 'lint'));
  const total = { passed: 0, failed: 0 };
  const lane = async () => {
    for (let name = waiting.shift(); name; name = waiting.shift()) {
      const { passed, failed } = await runOne(name);
      total.passed += passed;
      total.failed += failed;
    }
  };
  await Promise.all([lane(), lane()]);
  return total;
}
