import { describe, expect, it } from '@jest/globals';
import { type Agent, STATUSES } from '@backhaul/domain';
import fc from 'fast-check';
import { type NativeReport, UnreadableReport } from './adapter.js';
import { AHSAY_FIXTURES } from './ahsay/testing/fixtures.js';
import { BAREOS_FIXTURES } from './bareos/testing/fixtures.js';
import { BORG_FIXTURES } from './borg/testing/fixtures.js';
import { COMET_FIXTURES } from './comet/testing/fixtures.js';
import { DUPLICATI_FIXTURES } from './duplicati/testing/fixtures.js';
import { GENERIC_FIXTURES } from './generic/testing/fixtures.js';
import { KOPIA_FIXTURES } from './kopia/testing/fixtures.js';
import { PROXMOX_FIXTURES } from './proxmox/testing/fixtures.js';
import { adapterFor } from './registry.js';
import { assertLossFree, lostLeaves } from './reports/loss-free.js';
import { RESTIC_FIXTURES } from './restic/testing/fixtures.js';
import { nativeReport } from './testing/report.js';
import { partsOf } from './testing/parts.js';
import { URBACKUP_FIXTURES } from './urbackup/testing/fixtures.js';
import { VEEAM_FIXTURES } from './veeam/testing/fixtures.js';

const SETS: [Agent, Record<string, unknown>][] = [
  ['ahsay', AHSAY_FIXTURES],
  ['bareos', BAREOS_FIXTURES],
  ['borg', BORG_FIXTURES],
  ['comet', COMET_FIXTURES],
  ['duplicati', DUPLICATI_FIXTURES],
  ['duplicity', GENERIC_FIXTURES],
  ['generic', GENERIC_FIXTURES],
  ['kopia', KOPIA_FIXTURES],
  ['proxmox-bs', PROXMOX_FIXTURES],
  ['proxmox-ve', PROXMOX_FIXTURES],
  ['restic', RESTIC_FIXTURES],
  ['urbackup', URBACKUP_FIXTURES],
  ['veeam-vbr', VEEAM_FIXTURES],
];
const CASES = SETS.flatMap(([agent, set]) =>
  Object.entries(set).map(([name, body]) => [agent, name, body] as const),
);

/** Either it is adapted and keeps every leaf, or it is unreadable. Nothing else may happen. */
function check(agent: Agent, text: string): void {
  try {
    for (const part of partsOf(nativeReport(agent, text))) checkPart(part);
  } catch (error) {
    if (!(error instanceof UnreadableReport)) throw error;
  }
}

function checkPart(part: NativeReport): void {
  try {
    const { result } = adapterFor(part.agent).adapt(part);
    assertLossFree(part.text, result);
    expect(STATUSES).toContain(result.outcome.status);
    expect(result.issues.length).toBeLessThanOrEqual(100);
    expect(result.log?.lines.length ?? 0).toBeLessThanOrEqual(200);
    for (const value of [...Object.values(result.counts), ...Object.values(result.bytes)])
      if (value !== null) expect(Number.isSafeInteger(value) && value >= 0).toBe(true);
  } catch (error) {
    if (!(error instanceof UnreadableReport)) throw error;
  }
}

type Path = string[];

function leafPaths(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) return [path];
  return Object.entries(value).flatMap(([name, inner]) => leafPaths(inner, [...path, name]));
}

/** The JSON of a body with another text in one place: so numbers and keys that JavaScript cannot hold get in too. */
function replaced(body: unknown, path: Path, json: string): string {
  const mark = '@@here@@';
  const copy = structuredClone(body);
  let place = copy as Record<string, unknown>;
  for (const name of path.slice(0, -1)) place = place[name] as Record<string, unknown>;
  place[path.at(-1)!] = mark;
  return JSON.stringify(copy).replace(`"${mark}"`, () => json);
}

const ODD = fc.oneof(
  fc.constantFrom('null', '-1', '-9007199254740993', '9007199254740993', '1e400', '1.5', '0', '""', '[]', '{}', 'true', '"\\ud83d"', '"\\u0000"', '"0001-01-01T00:00:00"', '"1970-01-01T00:00:00Z"', '"2026-02-30T00:00:00Z"', '"2026-11-01T00:00:00.1234567+02:00"', '{"__proto__":{"x":1},"constructor":2}', `${'['.repeat(5000)}${']'.repeat(5000)}`),
  fc.json(),
  fc.double().map((value) => JSON.stringify(value)),
  fc.string({ unit: 'binary' }).map((value) => JSON.stringify(value)),
); // prettier-ignore

describe('every adapter', () => {
  it.each(CASES)('%s keeps each leaf of its fixture %s', (agent, _name, body) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    for (const part of partsOf(nativeReport(agent, text)))
      expect(lostLeaves(part.text, adapterFor(agent).adapt(part).result)).toEqual([]);
  });

  const objects = CASES.filter(([, , body]) => typeof body === 'object');

  it.each(objects)(
    '%s looks at each leaf of %s for itself: one of a kind is found too',
    (agent, _name, body) => {
      leafPaths(body).forEach((path, i) => {
        for (const json of [`${9_000_001 + i}`, `"unique-${i}"`, `"2026-11-21T04:05:06.${100 + i}Z"`])
          check(agent, replaced(body, path, json));
      });
    },
  );

  it.each(objects)('%s survives what nobody expects anywhere in %s', (agent, _name, body) => {
    const paths = leafPaths(body);
    fc.assert(
      fc.property(fc.constantFrom(...paths), ODD, (path, json) => check(agent, replaced(body, path, json))),
      { numRuns: 150 },
    );
  });

  it.each(objects)('%s keeps unknown fields of %s, and does without any part', (agent, _name, body) => {
    const whole = body as Record<string, unknown>;
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), fc.subarray(Object.keys(whole)), (name, value, kept) => {
        const part = Object.fromEntries([...kept.map((key) => [key, whole[key]]), [name, value]]);
        check(agent, JSON.stringify(part));
      }),
      { numRuns: 60 },
    );
  });

  it.each(SETS.map(([agent]) => agent))('%s throws nothing but UnreadableReport on any text', (agent) => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), (text) => check(agent, text)),
      { numRuns: 200 },
    );
  });

  it.each(SETS.map(([agent]) => agent))(
    '%s calls an empty body and bottomless nesting unreadable',
    (agent) => {
      const adapt = (text: string) => () =>
        partsOf(nativeReport(agent, text)).map((part) => adapterFor(agent).adapt(part));
      expect(adapt('')).toThrow(UnreadableReport);
      expect(adapt(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)).toThrow(UnreadableReport);
    },
  );
});

describe('the check itself', () => {
  const { result } = adapterFor('duplicati').adapt(nativeReport('duplicati', DUPLICATI_FIXTURES['success']));

  it('finds a leaf that an adapter drops', () => {
    const text = JSON.stringify(DUPLICATI_FIXTURES['success']);
    expect(lostLeaves(text, { ...result, ext: {} }).length).toBeGreaterThan(5);
    expect(lostLeaves(text, { ...result, counts: {} }).map(({ path }) => path)).toContain(
      '/Data/ExaminedFiles',
    );
  });

  it('wants a value for each of several equal leaves', () => {
    const zeroes = '{"a":0,"b":0}';
    const held = {
      ...result,
      ext: {},
      counts: { filesNew: 0 },
      bytes: {},
      timing: { ...result.timing, durationMs: null },
      job: { ...result.job, retryCount: null },
    };
    expect(lostLeaves(zeroes, held)).toHaveLength(1);
  });
});
