/** Schemathesis in a Python environment of its own, made once. */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { dataDir, giveUp, say } from '../toolchain.mjs';

const VERSION = '4.32.5';
const folder = join(dataDir, 'schemathesis');
const program = join(folder, 'bin', 'st');

const isThere = () => {
  if (!existsSync(program)) return false;
  const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8', timeout: 30_000 });
  return (stdout ?? '').trim().endsWith(` ${VERSION}`);
};

const run = (file, args) =>
  spawnSync(file, args, { stdio: ['ignore', 'ignore', 'inherit'], timeout: 300_000 }).status === 0;

/** The path of its program; ends with what to install when that cannot be had. */
export function ensureSchemathesis() {
  if (isThere()) return program;
  say(`• installing Schemathesis ${VERSION} (once)`);
  rmSync(folder, { recursive: true, force: true });
  if (!run('python3', ['-m', 'venv', folder]))
    giveUp('Python 3.10 or newer with venv is needed (Debian: apt-get install python3-venv).');
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `schemathesis==${VERSION}`];
  if (!run(join(folder, 'bin', 'python'), pip) || !isThere())
    giveUp('Schemathesis could not be installed; the message of pip stands above.');
  return program;
}
