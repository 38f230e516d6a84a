/** Adapts every sample of a folder, and checks what it becomes: `adapters.corpus.js <folder>`. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { eventTypeOf } from '@backhaul/domain';
import type { AdaptedReport, NativeReport } from '../adapters/adapter.js';
import { adapterFor } from '../adapters/registry.js';
import { lostLeaves } from '../adapters/reports/loss-free.js';
import type { Expected } from './expectation.js';
import { EXPECTED, LEFT_OUT } from './expected.js';

function main(folder: string | undefined): number {
  const samples = join(folder ?? '', 'samples');
  if (folder === undefined || !existsSync(samples)) {
    console.error(`There is no folder ${samples}. Usage: adapters.corpus.js <folder>`);
    return 2;
  }
  const files = readdirSync(samples, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(samples, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((name) => name.includes('/'))
    .sort();
  let [passed, failed] = [0, 0];
  for (const name of new Set([...files, ...Object.keys(EXPECTED)])) {
    const reason = Object.entries(LEFT_OUT).find(([start]) => name.startsWith(start))?.[1];
    if (reason !== undefined) {
      console.log(`left out  ${name}: ${reason}`);
      continue;
    }
    const faults = faultsOf(samples, name);
    if (faults.length === 0) passed++;
    else failed++;
    console.log(faults.length === 0 ? `ok        ${name}` : `FAILED    ${name}: ${faults.join('; ')}`);
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

function faultsOf(samples: string, name: string): string[] {
  const runs = [EXPECTED[name] ?? []].flat();
  const [first] = runs;
  if (!first) return ['nobody has said what it means: add it to expected.ts'];
  try {
    const adapter = adapterFor(first.agent);
    const report = reportOf(samples, name, first);
    const parts = adapter.parts?.(report) ?? [report];
    if (parts.length !== runs.length) return [`${parts.length} runs, not ${runs.length}`];
    return parts.flatMap((part, i) => {
      const adapted = adapter.adapt(part);
      const lost = lostLeaves(part.text, adapted.result).map(({ path }) => `lost ${path}`);
      return [...lost, ...differences(runs[i] ?? first, adapted)];
    });
  } catch (error) {
    return [String(error)];
  }
}

function reportOf(samples: string, name: string, { agent, envelope }: Expected): NativeReport {
  const file = readFileSync(join(samples, name), 'utf8');
  let text = file;
  if (envelope) text = wrapped(samples, file, envelope);
  else if (name.startsWith('proxmox/') && name.endsWith('.txt')) text = templated(file);
  else if (name.startsWith('kopia/webhook-request')) text = file.slice(file.indexOf('\n') + 1);
  return {
    agent,
    contentType: null,
    headers: {},
    body: Buffer.from(text),
    text,
    receivedAt: '2026-11-20T15:00:00.000Z',
    zone: 'UTC',
  };
}

/** As the wrapper script posts what the command printed. */
function wrapped(
  samples: string,
  output: string,
  { exitCode, command, stream = 'stdout', with: other }: NonNullable<Expected['envelope']>,
): string {
  const second = other === undefined ? '' : readFileSync(join(samples, other), 'utf8');
  const [stdout, stderr] = stream === 'stdout' ? [output, second] : [second, output];
  return JSON.stringify({ host: 'acme-fs01', job: 'nightly', exitCode, command, stdout, stderr });
}

/** As the body template posts a message. */
function templated(message: string): string {
  const title = 'vzdump backup status (pve.example.net): backup successful';
  return JSON.stringify({
    source: 'pve',
    title,
    message,
    severity: 'info',
    timestamp: 1781226180,
    fields: { type: 'vzdump', hostname: 'pve' },
  });
}

function differences(expected: Expected, { result }: AdaptedReport): string[] {
  const want: Record<string, unknown> = {
    'outcome.status': expected.status,
    'outcome.severity': expected.severity,
    ...('startedAt' in expected && { 'timing.startedAt': expected.startedAt }),
    ...('endedAt' in expected && { 'timing.endedAt': expected.endedAt }),
    ...expected.values,
  };
  const type = eventTypeOf(result, expected.agent);
  const found = type === expected.type ? [] : [`type is ${type}, not ${expected.type}`];
  for (const [path, value] of Object.entries(want)) {
    const is = valueAt(result, path);
    if (is !== value) found.push(`${path} is ${JSON.stringify(is)}, not ${JSON.stringify(value)}`);
  }
  return found;
}

function valueAt(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((inner, name) => (inner as Record<string, unknown> | null)?.[name], value);
}

process.exitCode = main(process.argv[2]);
