#!/usr/bin/env node
/**
 * The whole system under faults, then its invariants:
 *   npm run test:faults -- --row 24 --seed 7      one row of the fault matrix, or several: --row 24,29
 *   npm run test:faults -- --rows all --seed 7    every row
 *   npm run test:faults -- --kills 60 --seed 1    random `kill -9` of services, PostgreSQL and three brokers; --at-once 4
 *   npm run test:faults -- --points               a kill at every crash point of ticketing
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { build, dataDir, ensureToolchain, giveUp, root } from './toolchain.mjs';

const { values } = parseArgs({
  options: {
    row: { type: 'string' },
    rows: { type: 'string' },
    kills: { type: 'string' },
    'at-once': { type: 'string' },
    points: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    short: { type: 'boolean', default: false },
  },
});
const rows = values.row ?? values.rows;
if (!rows && !values.kills && !values.points)
  giveUp('Say which: --row 24, --rows all, --kills 60 or --points; and --seed 7.');

ensureToolchain();
build();
const { startInfrastructure } = await import('./infrastructure/for-tests.mjs');
const { env, stop } = await startInfrastructure();

function run(...args) {
  const { status } = spawnSync(process.execPath, ['--disable-warning=TimeoutNegativeWarning', ...args], {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...process.env,
      ...env,
      BACKHAUL_KAFKA_JARS_DIR: join(dataDir, 'kafka-jars'),
      CRASH_POINTS: 'all',
      TEST_LONG: '1',
    },
  });
  return status === 0;
}

let isSound = true;
if (rows || values.kills) {
  const wanted = { rows, kills: values.kills, 'at-once': values['at-once'], seed: values.seed };
  const options = Object.entries(wanted).flatMap(([name, value]) => (value ? [`--${name}`, value] : []));
  const program = join(root, 'libs/testing/dist/faults/faults.main.js');
  isSound = run(program, ...options, ...(values.short ? ['--short'] : []));
}
if (values.points) {
  const jest = ['--experimental-vm-modules', '--no-warnings=ExperimentalWarning'];
  const suite = ['--verbose', 'apps/.*crash\\.(e2e|long)'];
  isSound = run(...jest, join(root, 'node_modules/jest/bin/jest.js'), ...suite) && isSound;
}
await stop();
process.exit(isSound ? 0 : 1);
