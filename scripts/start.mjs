#!/usr/bin/env node
/**
 * `npm start`: everything, for real, on one machine.
 *   --reset    forget all state first
 *   --no-demo  no demo partner
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, dataDir, ensureToolchain, giveUp, say } from './toolchain.mjs';

const args = new Set(process.argv.slice(2));
const unknown = [...args].filter((arg) => !['--reset', '--no-demo'].includes(arg));
if (unknown.length) giveUp(`Unknown option ${unknown.join(' ')}. There are --reset and --no-demo.`);

ensureToolchain();
// What follows needs the dependencies and the pinned Node.
const { removeLock, requireFreePorts, runningStarter, secretFiles, writeLock } =
  await import('./start/preflight.mjs');
const { printAddresses } = await import('./start/addresses.mjs');

if (runningStarter()) {
  say('Backhaul runs already here. Stop it with Ctrl-C in its own terminal.\n');
  printAddresses();
  process.exit(0);
}
if (args.has('--reset')) {
  const { forgetKafkaVolume } = await import('./start/kafka-source.mjs');
  forgetKafkaVolume();
  // The resolved broker is no state.
  for (const entry of [
    'postgres',
    'postgres.password',
    'kafka',
    'kafka.source',
    'psa-simulator',
    'secrets',
    'logs',
    'demo.json',
  ]) {
    rmSync(join(dataDir, entry), { recursive: true, force: true });
  }
  const { forgetPostgresAside } = await import('./start/database.mjs');
  forgetPostgresAside();
  say('• all state forgotten');
}
writeLock();

const supervisor = await import('./start/supervisor.mjs');
let isEnding = false;
async function end(code) {
  if (isEnding) return;
  isEnding = true;
  say('\n• stopping');
  await supervisor.stopAll();
  removeLock();
  say('• stopped; all state is kept in .data');
  process.exit(code);
}
process.on('SIGINT', () => void end(0));
process.on('SIGTERM', () => void end(0));
process.on('SIGHUP', () => void end(0));

try {
  const { bringUp } = await import('./start/bring-up.mjs');
  await bringUp({ isDemo: !args.has('--no-demo'), build, requireFreePorts, secretFiles });
  printAddresses();
} catch (error) {
  process.stderr.write(`\n${error.message}\n`);
  await end(1);
}
