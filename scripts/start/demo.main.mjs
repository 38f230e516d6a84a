/** The demo partner of the containers: makes it once, prints the keys and the lines to paste. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../toolchain.mjs';
import { printAddresses } from './addresses.mjs';
import { seedDemo } from './seed.mjs';

function program(file, ...args) {
  const run = spawnSync(process.execPath, [join(root, 'apps/accounts/dist', file), ...args], {
    encoding: 'utf8',
  });
  if (run.status !== 0) throw new Error(run.stderr);
  return run.stdout;
}

await seedDemo({
  createPartner: (name) => program('create-partner.js', '--name', name),
  createOperator: (username) => program('create-operator.js', '--username', username),
});
printAddresses({
  // Of the clone, in which the reader stands.
  examples: 'docs/examples',
  logs: 'docker compose logs -f',
  keys: 'docker compose exec demo cat /data/demo.json',
  ending: 'docker compose down stops everything; state is kept. docker compose down -v forgets it.',
});
