#!/usr/bin/env node
/** The smaller commands: build, lint, format, corpus, snippets. Each installs what is missing first. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build, ensureToolchain, giveUp, root, say } from './toolchain.mjs';

const [command, ...args] = process.argv.slice(2);
ensureToolchain();

const node = (file, ...rest) =>
  spawnSync(process.execPath, [join(root, file), ...rest], {
    cwd: root,
    stdio: ['inherit', 'pipe', 'inherit'],
    encoding: 'utf8',
  });

/** Runs the corpus programs against a folder of samples and contracts, and adds their counts. */
function corpus(folder) {
  if (!folder || !existsSync(join(folder, 'samples')) || !existsSync(join(folder, 'contracts'))) {
    giveUp(
      `Usage: npm run test:corpus -- <folder>, a folder that holds samples/ and contracts/. Given: ${folder ?? 'nothing'}`,
    );
  }
  build();
  let [passed, failed] = [0, 0];
  for (const program of [
    'apps/ingestion/dist/corpus/adapters.corpus.js',
    'libs/psa/dist/corpus/openapi.corpus.js',
  ]) {
    const run = node(program, resolve(folder));
    say(run.stdout);
    const counts = /(\d+) passed, (\d+) failed\s*$/.exec(run.stdout);
    passed += Number(counts?.[1] ?? 0);
    failed += counts ? Number(counts[2]) : 1;
    if (run.status !== 0 && counts?.[2] === '0') failed += 1;
  }
  say(`${passed} passed, ${failed} failed`);
  process.exit(failed || !passed ? 1 : 0);
}

/** Runs the shell scripts that agents are given, with the programs of this machine. */
function snippets() {
  for (const program of ['sh', 'curl', 'jq'])
    if (spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0) giveUp(`${program} is missing.`);
  const run = spawnSync(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--no-warnings=ExperimentalWarning',
      join(root, 'node_modules/jest/bin/jest.js'),
      '--config',
      'jest.shell.config.mjs',
    ],
    { cwd: join(root, 'apps/ingestion'), stdio: 'inherit' },
  );
  process.exit(run.status ?? 1);
}

switch (command) {
  case 'build':
    process.exit(
      spawnSync(
        process.execPath,
        // `tsc -b` follows references itself; two at once would write the same files.
        [join(root, 'node_modules/nx/dist/bin/nx.js'), 'run-many', '-t', 'build', '--parallel=1', ...args],
        {
          cwd: root,
          stdio: 'inherit',
          env: { ...process.env, NX_DAEMON: 'false', NX_NO_CLOUD: 'true', NX_TUI: 'false' },
        },
      ).status ?? 1,
    );
    break;
  case 'lint': {
    const { runChecks } = await import('./lint/checks.mjs');
    process.exit((await runChecks(args.length ? args : undefined)).failed ? 1 : 0);
    break;
  }
  case 'format':
    process.exit(
      spawnSync(
        process.execPath,
        [join(root, 'node_modules/prettier/bin/prettier.cjs'), '--write', '--log-level', 'warn', '.'],
        { cwd: root, stdio: 'inherit' },
      ).status ?? 1,
    );
    break;
  case 'corpus':
    corpus(args[0]);
    break;
  case 'snippets':
    snippets();
    break;
  default:
    giveUp('There are build, lint, format, corpus and snippets.');
}
