#!/usr/bin/env node
/**
 * `npm run test:schema`: Schemathesis against the whole running system, through the gateway, by its own OpenAPI document.
 * Every answer must be one that the document lists, in a media type and a shape that it lists, and none may be a 5xx.
 *   --seed 7  --examples 20   what is tried; the same seed tries the same, but ids differ from run to run
 *   --phases examples,fuzzing   without the coverage of every limit in the document, which takes three minutes
 * Needs Python 3.10 or newer with venv, and what `npm start` needs. Ends with `N passed, N failed`: operations.
 */
import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { dataDir, ensureToolchain, say } from './toolchain.mjs';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '7' },
    examples: { type: 'string', default: '20' },
    phases: { type: 'string', default: 'examples,coverage,fuzzing' },
  },
});
ensureToolchain();
const { ensureSchemathesis } = await import('./schema/schemathesis.mjs');
const { prepareThings, withExamples } = await import('./schema/examples.mjs');
const { knownThings, settingsFor } = await import('./schema/known-things.mjs');
const { startSystem } = await import('./schema/disposable-system.mjs');

const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
];
const LONGEST_MS = 360_000;

const folder = mkdtempSync(join(tmpdir(), 'backhaul-schema-'));
let child = null;

function schemathesis(program, demo, report) {
  const args = [
    ...['--no-color', '--config-file', join(folder, 'schemathesis.toml')],
    ...['run', join(folder, 'openapi.json'), '--url', demo.gateway],
    ...['--header', `Authorization: Bearer ${demo.apiKey}`],
    ...['--phases', values.phases, '--checks', CHECKS.join(','), '--continue-on-failure', '--no-shrink'],
    ...['--max-examples', values.examples, '--seed', values.seed, '--generation-database', 'none'],
    ...['--suppress-health-check', 'all', '--request-timeout', '20', '--warnings', 'off'],
    // They would end the key of this run: its id stands in the list of keys, where Schemathesis finds it.
    ...['--exclude-path', '/api/v1/api-keys/{id}', '--exclude-path', '/api/v1/api-keys/{id}/rotate'],
    ...['--report', 'json', '--report-json-path', report],
  ];
  return new Promise((done) => {
    child = spawn(program, args, { cwd: folder, stdio: 'inherit', timeout: LONGEST_MS });
    child.on('exit', (code) => done(code ?? 1));
  });
}

/** The document is for who has a login. */
async function saveDocument({ gateway, apiKey }, things) {
  const answer = await fetch(`${gateway}/api/openapi.json`, {
    headers: { authorization: `Bearer ${apiKey}` },
  });
  if (answer.status !== 200) throw new Error(`The OpenAPI document is answered ${answer.status}.`);
  writeFileSync(join(folder, 'openapi.json'), JSON.stringify(withExamples(await answer.json(), things)));
}

const acceptedIn = ({ valid_rates: rates }) =>
  Object.values(rates).filter((phases) => Object.values(phases).some(({ accepted }) => accepted > 0)).length;

/** A run whose key ended on the way has proved nothing but 401. */
async function requireGoodKey({ gateway, apiKey }) {
  const { status } = await fetch(`${gateway}/api/v1/customers`, {
    headers: { authorization: `Bearer ${apiKey}` },
  });
  if (status !== 200) throw new Error(`The key of this run is answered ${status} at its end.`);
}

/** Operations that passed and failed; what was not run to its end counts as one failure more. */
function countsOf(code, report) {
  const { operations, failures, errors, test_cases: cases, stop_reason: reason } = report;
  const failing = new Set(failures.flatMap((failure) => failure.operations));
  const broken = errors.length + operations.errored + (reason === 'completed' ? 0 : 1);
  const failed = failing.size + broken;
  say(`• ${cases.generated} requests to ${operations.tested} of ${operations.total} operations`);
  say(`• ${acceptedIn(report)} operations accepted some of them`);
  return {
    passed: Math.max(0, operations.tested - failed),
    failed: failed === 0 && (code !== 0 || operations.tested === 0) ? 1 : failed,
  };
}

async function main() {
  const program = ensureSchemathesis();
  say('• starting a system of its own');
  const system = await startSystem(folder);
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.on(signal, () => {
      child?.kill('SIGTERM');
      void system.stop().finally(() => process.exit(130));
    });
  try {
    const known = await knownThings(system.demo);
    writeFileSync(join(folder, 'schemathesis.toml'), settingsFor(known));
    const report = join(folder, 'report.json');
    await saveDocument(system.demo, await prepareThings(system.demo, known));
    const code = await schemathesis(program, system.demo, report);
    copyFileSync(report, join(dataDir, 'schema-report.json'));
    await requireGoodKey(system.demo);
    return countsOf(code, JSON.parse(readFileSync(report, 'utf8')));
  } catch (error) {
    say(`✗ ${error.message}`);
    return { passed: 0, failed: 1 };
  } finally {
    await system.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const { passed, failed } = await main();
say(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
