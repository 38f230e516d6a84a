import {
  BYTE_FIELDS, COUNT_FIELDS, emptyJobResult, type Issue, JOB_KINDS, JOB_LEVELS, JOB_SCOPES, JOB_TRIGGERS,
  type JobResult, MACHINE_CLASSES, PHASES, SEVERITIES, STATUSES,
} from '@backhaul/domain'; // prettier-ignore
import { InputReader } from './input-reader.js';

const MOST_ISSUES = 100;
const MOST_LINES = 200;

/** The groups of the canonical event that say what happened. */
export function readJobResult(reader: InputReader): JobResult {
  const result = emptyJobResult();
  readIdentity(reader.child('identity'), result);
  readJob(reader.child('job'), result);
  readTiming(reader.child('timing'), result);
  readOutcome(reader.child('outcome'), result);
  for (const name of COUNT_FIELDS) put(result.counts, name, reader.child('counts').whole(name));
  for (const name of BYTE_FIELDS) put(result.bytes, name, reader.child('bytes').whole(name));
  readProgress(reader, result);
  readIssues(reader, result);
  readLog(reader, result);
  result.measures = readMeasures(reader.child('measures'), reader.raw('measures'));
  result.ext = { ...(reader.raw('ext') === undefined ? {} : reader.child('ext').rest()) };
  result.children = reader.list('children').flatMap((each, index) => readChild(each, index, reader));
  if (reader.raw('restorePoint')) {
    const point = reader.child('restorePoint');
    result.restorePoint = { id: point.text('id'), chainId: point.text('chainId') };
  }
  return result;
}

function put<K extends string>(into: Partial<Record<K, number | null>>, name: K, value: number | null): void {
  if (value !== null) into[name] = value;
}

function readChild(value: unknown, index: number, parent: InputReader): JobResult[] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const reader = new InputReader(value as Record<string, unknown>, `/children/${index}`, parent);
    return [readJobResult(reader)];
  }
  parent.refuse(`children/${index}`, 'must be an object', 'isObject');
  return [];
}

function readIdentity(from: InputReader, { identity }: JobResult): void {
  for (const name of [
    'nativeAccount',
    'nativeDeviceId',
    'hostName',
    'osName',
    'osVersion',
    'clientIp',
  ] as const)
    identity[name] = from.text(name);
  identity.machineClass = from.oneOf('machineClass', MACHINE_CLASSES) ?? 'unknown';
}

function readJob(from: InputReader, { job }: JobResult): void {
  const texts = [
    'nativeJobId', 'jobName', 'nativeRunId', 'parentRunId', 'sourceId', 'sourceName', 'destinationId',
    'destinationName', 'destinationType',
  ] as const; // prettier-ignore
  for (const name of texts) job[name] = from.text(name);
  const kind = from.raw('kind');
  job.kind = from.oneOf('kind', JOB_KINDS) ?? (kind === undefined || kind === null ? 'backup' : 'other');
  job.level = from.oneOf('level', JOB_LEVELS) ?? 'unknown';
  job.trigger = from.oneOf('trigger', JOB_TRIGGERS) ?? 'unknown';
  job.scope = from.oneOf('scope', JOB_SCOPES) ?? 'unknown';
  job.sourcePaths = from.texts('sourcePaths');
  job.retryCount = from.whole('retryCount');
  job.willRetry = from.flag('willRetry');
}

function readTiming(from: InputReader, result: JobResult): void {
  const { timing } = result;
  timing.scheduledAt = from.time('scheduledAt');
  timing.startedAt = from.time('startedAt');
  timing.endedAt = from.time('endedAt');
  timing.zoneKnown = from.flag('zoneKnown') ?? true;
  timing.assumedZone = from.text('assumedZone');
  timing.durationMs = from.whole('durationMs');
  if (timing.startedAt === null || timing.endedAt === null) return;
  const elapsed = Date.parse(timing.endedAt) - Date.parse(timing.startedAt);
  if (elapsed < 0) {
    timing.durationMs = null;
    const message = 'The end is before the start.';
    result.issues.push({ severity: 'WARNING', code: 'end_before_start', path: null, message, at: null });
  } else timing.durationMs ??= elapsed;
}

function readOutcome(from: InputReader, { outcome }: JobResult): void {
  const given = from.raw('status');
  const status = from.oneOf('status', STATUSES);
  outcome.status = status ?? 'unknown';
  outcome.phase =
    from.oneOf('phase', PHASES) ?? (status === 'running' || status === 'queued' ? 'progress' : 'finished');
  // An unknown word is kept where the agent's own word stands.
  outcome.nativeStatus =
    from.text('nativeStatus') ?? (typeof given === 'string' && status === null ? given : null);
  outcome.nativeCode = from.text('nativeCode');
  outcome.exitCode = from.integer('exitCode');
  outcome.message = from.text('message');
  outcome.canceled = from.flag('canceled') ?? false;
  outcome.dryRun = from.flag('dryRun') ?? false;
}

function readProgress(reader: InputReader, result: JobResult): void {
  if (!reader.raw('progress')) return;
  const from = reader.child('progress');
  result.progress = {
    percent: from.whole('percent'),
    bytesDone: from.whole('bytesDone'),
    bytesTotal: from.whole('bytesTotal'),
    itemsDone: from.whole('itemsDone'),
    itemsTotal: from.whole('itemsTotal'),
    phaseText: from.text('phaseText'),
  };
}

function readIssues(reader: InputReader, result: JobResult): void {
  const given = reader.list('issues');
  for (const [index, each] of given.slice(0, MOST_ISSUES).entries()) {
    if (typeof each !== 'object' || each === null)
      reader.refuse(`issues/${index}`, 'must be an object', 'isObject');
    else
      result.issues.push(
        readIssue(new InputReader(each as Record<string, unknown>, `/issues/${index}`, reader)),
      );
  }
  result.issuesTruncated = given.length > MOST_ISSUES || (reader.flag('issuesTruncated') ?? false);
}

function readIssue(from: InputReader): Issue {
  return {
    severity: from.oneOf('severity', SEVERITIES) ?? 'WARNING',
    code: from.text('code'),
    path: from.text('path'),
    message: from.text('message') ?? '',
    at: from.time('at'),
  };
}

function readLog(reader: InputReader, result: JobResult): void {
  if (!reader.raw('log')) return;
  const from = reader.child('log');
  const lines = from.texts('lines');
  const isTruncated = lines.length > MOST_LINES || (from.flag('truncated') ?? false);
  result.log = {
    lines: lines.slice(0, MOST_LINES),
    total: from.whole('total') ?? lines.length,
    truncated: isTruncated,
  };
}

function readMeasures(from: InputReader, given: unknown): Record<string, number> | null {
  if (typeof given !== 'object' || given === null) return null;
  return Object.fromEntries(
    Object.keys(given).flatMap((name) => {
      const value = from.whole(name);
      return value === null ? [] : [[name, value]];
    }),
  );
}
