import { Fields } from '../reports/fields.js';
import { isObject } from '../reports/json.js';
import type { LocalClock } from '../reports/times.js';
import type { Found, Snapshot } from './snapshots.js';

/** The body of our template. */
export function readJsonReport(fields: Fields, clock: LocalClock): Found {
  const list = fields.peek('snapshots');
  const snapshots = Array.isArray(list) ? list.filter(isObject) : [];
  return {
    kind: 'snapshots',
    agentVersion: fields.peekText('agentVersion'),
    host: fields.peekText('hostname'),
    overall: fields.peekText('overall'),
    eventTime: fields.time('eventTime', clock),
    snapshots: snapshots.map((value) => snapshotOf(new Fields(value), clock)),
    error: null,
  };
}

function snapshotOf(fields: Fields, clock: LocalClock): Snapshot {
  const incomplete = fields.peekText('incomplete');
  const status = fields.peekText('status');
  return {
    id: fields.peekText('id'),
    host: fields.peekText('host'),
    user: fields.peekText('user'),
    path: fields.peekText('path'),
    nativeStatus: status === 'success' && incomplete !== null ? 'incomplete' : status,
    startedAt: fields.time('start', clock),
    endedAt: fields.time('end', clock),
    durationMs: null,
    files: fields.count('files'),
    dirs: fields.count('dirs'),
    bytes: fields.count('bytes'),
    bytesDelta: fields.integer('bytesDelta'),
    filesFailed: fields.count('errorCount'),
    error: fields.peekText('error') ?? incomplete,
    failedEntries: [],
  };
}

/** The output of `kopia snapshot create --json`. */
export function readManifest(fields: Fields, clock: LocalClock): Found {
  const source = fields.inner('source');
  const stats = fields.inner('stats');
  const summary = fields.inner('rootEntry').inner('summ');
  const incomplete = fields.peekText('incomplete');
  const failed = summary.count('numFailed') ?? stats.count('errorCount');
  const ignored = summary.count('numIgnoredErrors') ?? stats.count('ignoredErrorCount') ?? 0;
  const snapshot: Snapshot = {
    id: fields.peekText('id'),
    host: source.peekText('host'),
    user: source.peekText('userName'),
    path: source.peekText('path'),
    nativeStatus:
      incomplete !== null ? 'incomplete' : (failed ?? 0) > 0 ? 'fatal' : ignored > 0 ? 'warnings' : 'success',
    startedAt: fields.time('startTime', clock),
    endedAt: fields.time('endTime', clock),
    durationMs: null,
    files: stats.count('fileCount') ?? summary.count('files'),
    dirs: stats.count('dirCount') ?? summary.count('dirs'),
    bytes: stats.count('totalSize') ?? summary.count('size'),
    bytesDelta: null,
    filesFailed: failed,
    error: incomplete,
    failedEntries: entriesIn(summary.peek('errors')),
  };
  return {
    kind: 'snapshots',
    agentVersion: null,
    host: snapshot.host,
    overall: null,
    eventTime: null,
    snapshots: [snapshot],
    error: null,
  };
}

function entriesIn(value: unknown): Snapshot['failedEntries'] {
  if (!Array.isArray(value)) return [];
  return value.filter(isObject).map((entry) => {
    const fields = new Fields(entry);
    return { path: fields.peekText('path') ?? '', message: fields.peekText('error') ?? '' };
  });
}
