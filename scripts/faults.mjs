#!/usr/bin/env node
/**
 * `npm run test:faults -- --kills 60 --seed 1`: the whole system under random `kill -9`, then its invariants.
 * Also runs ticketing's crash points, all of them, with `--points`.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build, ensureToolchain, root, say } from './toolchain.mjs';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
    points: { type: 'boolean', default: false },
  },
});
ensureToolchain();
build();
const { startInfrastructure } = await import('./infrastructure/for-tests.mjs');
const { env, stop } = await startInfrastructure();
const suites = ['libs/testing/src/road/road', ...(values.points ? ['apps/ticketing/src/crash'] : [])];
const startedAt = performance.now();
const run = spawnSync(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--no-warnings=ExperimentalWarning',
    '--disable-warning=TimeoutNegativeWarning',
    join(root, 'node_modules/jest/bin/jest.js'),
    '--verbose',
    ...suites,
  ],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env, ROAD_KILLS: values.kills, ROAD_SEED: values.seed, CRASH_POINTS: 'all' },
  },
);
await stop();
say(
  `seed ${values.seed}, ${values.kills} kills, ${((performance.now() - startedAt) / 1000).toFixed(0)} s: ${run.status === 0 ? 'every invariant held' : 'FAILED'}`,
);
process.exit(run.status ?? 1);
