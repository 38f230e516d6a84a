import type { Found, Snapshot } from './snapshots.js';

const RFC_1123 = /^\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} [+-]\d{4}/;

/** A blank snapshot of a path. */
export function snapshotAt(path: string | null): Snapshot {
  return {
    id: null, host: null, user: null, path, nativeStatus: null, startedAt: null, endedAt: null, durationMs: null,
    files: null, dirs: null, bytes: null, bytesDelta: null, filesFailed: null, error: null, failedEntries: [],
  }; // prettier-ignore
}

/** What both text and html say around the snapshots. */
export function foundIn(subject: string | null, text: string, snapshots: Snapshot[]): Found {
  const host = subject === null ? null : (/ on (\S+)$/.exec(subject.trim())?.[1] ?? null);
  const generated = /Generated at ([^\r\n]{1,60}?) by (?:<a[^<>]{0,100}>)?Kopia ([^\s<]{1,80})/.exec(text);
  const isTest = snapshots.length === 0 && /test notification/i.test(subject ?? text.slice(0, 500));
  return {
    kind: isTest ? 'test' : 'snapshots',
    agentVersion: generated?.[2]?.replace(/\.$/, '') ?? null,
    host,
    overall: null,
    eventTime: timeOf(generated?.[1] ?? ''),
    snapshots,
    error: null,
  };
}

/** The default text: blocks that start with `Path:`, or the one of `generic-error`. */
export function readText(text: string, subject: string | null): Found {
  const blocks = text.split(/^(?=Path: )/m);
  const snapshots = blocks.filter((block) => block.startsWith('Path: ')).map(snapshotIn);
  const found = foundIn(subject, text, snapshots);
  if (snapshots.length === 0 && /^Operation: /m.test(text)) found.error = errorIn(text);
  return found;
}

function snapshotIn(block: string): Snapshot {
  const value = (label: string): string | null => valueIn(block, label);
  const snapshot = snapshotAt(value('Path'));
  snapshot.nativeStatus = value('Status');
  snapshot.startedAt = timeOf(value('Start') ?? '');
  snapshot.durationMs = durationMsOf(value('Duration') ?? '');
  snapshot.endedAt = endOf(snapshot);
  snapshot.files = countOf(value('Files') ?? '');
  snapshot.dirs = countOf(value('Directories') ?? '');
  snapshot.error = value('Error');
  snapshot.failedEntries = entriesIn(block);
  if (snapshot.failedEntries.length > 0)
    snapshot.filesFailed = new Set(snapshot.failedEntries.map(({ path }) => path)).size;
  return snapshot;
}

function valueIn(text: string, label: string): string | null {
  return new RegExp(`^ {0,4}${label}: *([^\\r\\n]*)`, 'm').exec(text)?.[1]?.trim() || null;
}

function entriesIn(block: string): Snapshot['failedEntries'] {
  const start = block.indexOf('Failed Entries:');
  if (start < 0) return [];
  return block
    .slice(start)
    .split('\n')
    .filter((line) => line.startsWith('  - '))
    .map(entryOf);
}

export function entryOf(line: string): { path: string; message: string } {
  const text = line.replace(/^ *- /, '').trim();
  const at = text.indexOf(': ');
  return at < 0
    ? { path: text, message: 'failed' }
    : { path: text.slice(0, at), message: text.slice(at + 2) };
}

function errorIn(text: string): Found['error'] {
  const startedAt = timeOf(valueIn(text, 'Started') ?? '');
  const endedAt = timeOf(valueIn(text, 'Finished') ?? '');
  const after = text
    .slice(text.search(/^Finished: /m))
    .split('\n')
    .slice(1)
    .join('\n');
  const end = after.search(/^Generated at /m);
  const message = (end < 0 ? after : after.slice(0, end)).trim();
  return { operation: valueIn(text, 'Operation'), startedAt, endedAt, message: message || null };
}

/** RFC 1123; 1970 is a source that was missing (N3). */
export function timeOf(text: string): string | null {
  const date = RFC_1123.exec(text.trim())?.[0];
  const ms = date === undefined ? NaN : Date.parse(date);
  return Number.isNaN(ms) || ms < Date.UTC(1980, 0, 1) ? null : new Date(ms).toISOString();
}

export function endOf({ startedAt, durationMs }: Snapshot): string | null {
  return startedAt === null || durationMs === null
    ? null
    : new Date(Date.parse(startedAt) + durationMs).toISOString();
}

/** `123 (+23)`: sizes are rounded and stay text, these are not. */
export function countOf(text: string): number | null {
  const digits = /^\d{1,15}(?= |$)/.exec(text.trim())?.[0];
  return digits === undefined ? null : Number(digits);
}

const UNIT_MS: Record<string, number> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  µs: 0.001,
  us: 0.001,
  ns: 0.000001,
};

/** Go's `1h2m3.5s`. */
export function durationMsOf(text: string): number | null {
  if (!/^(?:\d{1,9}(?:\.\d{1,9})?(?:ms|µs|us|ns|h|m|s)){1,4}$/.test(text)) return null;
  let ms = 0;
  for (const [, value, unit] of text.matchAll(/([\d.]+)(ms|µs|us|ns|h|m|s)/g))
    ms += Number(value) * (UNIT_MS[unit!] ?? 0);
  return Math.round(ms);
}
