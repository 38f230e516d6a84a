#!/usr/bin/env node
/**
 * `npm test`: every test that does not take minutes, on real PostgreSQL and real Kafka. Ends with `N passed, N failed`.
 *   npm test -- <words>   only the test files whose path holds one of them, without the static checks
 *   npm run test:long     the suites that take minutes each (`*.long.spec.ts`), which `npm test` leaves out
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, dataDir, ensureToolchain, root, say } from './toolchain.mjs';

ensureToolchain();
const { runChecks } = await import('./lint/checks.mjs');
const { startInfrastructure } = await import('./infrastructure/for-tests.mjs');

const isLong = process.argv[2] === '--long';
const patterns = isLong ? ['\\.long\\.spec', ...process.argv.slice(3)] : process.argv.slice(2);
const report = join(dataDir, 'jest.json');
mkdirSync(dataDir, { recursive: true });

function jest(env) {
  const args = [
    '--experimental-vm-modules',
    '--no-warnings=ExperimentalWarning',
    '--disable-warning=TimeoutNegativeWarning',
    join(root, 'node_modules/jest/bin/jest.js'),
    '--json',
    `--outputFile=${report}`,
    ...patterns,
  ];
  return new Promise((done) => {
    // --json prints the report to stdout as well; the readable one goes to stderr.
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: {
        ...process.env,
        ...env,
        ...(isLong && { TEST_LONG: '1' }),
        BACKHAUL_KAFKA_JARS_DIR: join(dataDir, 'kafka-jars'),
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    child.on('exit', (code) => done(code ?? 1));
  });
}

const total = { passed: 0, failed: 0 };
const add = ({ passed, failed }) => {
  total.passed += passed;
  total.failed += failed;
};

say('• building');
build();
if (!patterns.length) add(await runChecks());
say('• starting PostgreSQL and Kafka');
const infrastructure = await startInfrastructure();
for (const signal of ['SIGINT', 'SIGTERM'])
  process.on(signal, () => void infrastructure.stop().finally(() => process.exit(130)));
say('• running the tests');
const code = await jest(infrastructure.env);
await infrastructure.stop();
const result = JSON.parse(readFileSync(report, 'utf8'));
// A suite that cannot even be loaded has no test of its own to count.
add({ passed: result.numPassedTests, failed: result.numFailedTests + result.numRuntimeErrorTestSuites });
if (code !== 0 && total.failed === 0) total.failed += 1;
say(`${total.passed} passed, ${total.failed} failed`);
process.exit(total.failed ? 1 : 0);
