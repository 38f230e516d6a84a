import { describe, expect, it } from '@jest/globals';
import { UnreadableReport } from '../adapter.js';
import { adaptedRun, adaptedRuns, type Meaning, meaningOf } from '../testing/meaning.js';
import { bareosAnswer, BAREOS_FIXTURES, bareosJob } from './testing/fixtures.js';

const run = (job: Record<string, unknown>) => adaptedRun('bareos', bareosAnswer([bareosJob(job)]));
const OPEN: Meaning = ['running', 'OK', 'backup.started'];
const WAITING: Meaning = ['queued', 'OK', 'backup.started'];

const TABLE: [string, Record<string, unknown>, Meaning][] = [
  ['T', { jobstatus: 'T' }, ['success', 'OK', 'backup.completed']],
  ['W', { jobstatus: 'W' }, ['success_with_warnings', 'WARNING', 'backup.completed_warnings']],
  ['I', { jobstatus: 'I' }, ['partial', 'WARNING', 'backup.completed_warnings']],
  ['E', { jobstatus: 'E' }, ['failed', 'ERROR', 'backup.failed']],
  ['e', { jobstatus: 'e' }, ['failed', 'ERROR', 'backup.failed']],
  ['f', { jobstatus: 'f' }, ['failed', 'ERROR', 'backup.failed']],
  ['A', { jobstatus: 'A' }, ['cancelled', 'WARNING', 'backup.cancelled']],
  ...[...'RiaLlB'].map((s): [string, Record<string, unknown>, Meaning] => [s, { jobstatus: s }, OPEN]),
  ...[...'CFSMmsjcdtpq'].map((s): [string, Record<string, unknown>, Meaning] => [s, { jobstatus: s }, WAITING]),
  ['a letter nobody knows', { jobstatus: '?' }, ['unknown', 'WARNING', 'result.unreadable']],
  ['a verify with differences', { type: 'V', jobstatus: 'D' }, ['partial', 'WARNING', 'verify.failed']],
  ['a good restore', { type: 'R' }, ['success', 'OK', 'restore.completed']],
  ['a failed copy', { type: 'c', jobstatus: 'f' }, ['failed', 'ERROR', 'copy.failed']],
  ['a failed admin job closes and opens no backup', { type: 'D', jobstatus: 'f' }, ['failed', 'ERROR', 'gc.failed']],
  ['a type nobody knows', { type: 'Z' }, ['success', 'OK', 'gc.completed']],
]; // prettier-ignore

describe('what Bareos tells', () => {
  it.each(TABLE)('%s', (_name, job, meaning) => {
    expect(meaningOf(run(job), 'bareos')).toEqual(meaning);
  });

  it('T17: keys are written as they come, numbers are text', () => {
    const { result } = adaptedRun('bareos', BAREOS_FIXTURES['capitals']);
    expect(result.job).toMatchObject({ nativeRunId: '88', kind: 'verify', nativeJobId: 'check' });
    expect([result.counts.errors, result.outcome.status]).toEqual([1, 'partial']);
  });

  it('T8: times are the director’s, in the zone that the script gives', () => {
    const { result } = run({});
    expect(result.timing).toMatchObject({
      scheduledAt: '2026-11-21T00:00:00.000Z',
      startedAt: '2026-11-21T00:00:03.000Z',
      endedAt: '2026-11-21T00:12:41.000Z',
      durationMs: 758_000,
      zoneKnown: false,
      assumedZone: 'Europe/Berlin',
    });
    expect(run({ endtime: '0000-00-00 00:00:00' }).result.timing.endedAt).toBeNull();
  });

  it('names machine, job and counts', () => {
    const { result, agentVersion } = run({});
    expect(result.identity).toMatchObject({ hostName: 'globex-srv1', nativeAccount: 'globex-srv1-fd' });
    expect(result.job).toMatchObject({ nativeJobId: 'nightly-globex', level: 'incremental', destinationId: 'Incremental' });
    expect([result.counts.filesExamined, result.counts.filesFailed, result.bytes.processed]).toEqual([815, 2, 93841726]);
    expect([agentVersion, result.restorePoint?.id]).toEqual(['24.0.1', '4711']);
  }); // prettier-ignore

  it('makes a run of each job of an answer, each with a key of its own', () => {
    const runs = adaptedRuns('bareos', BAREOS_FIXTURES['several']);
    expect(runs.map(({ result }) => result.outcome.status)).toEqual(['success', 'failed', 'running']);
    expect(new Set(runs.map(({ nativeKey }) => nativeKey)).size).toBe(3);
  });

  it('has one key for a job asked for twice, and another for its end', () => {
    expect(run({ purgedfiles: '1' }).nativeKey).toBe(run({}).nativeKey);
    expect(run({ jobstatus: 'R' }).nativeKey).not.toBe(run({}).nativeKey);
  });

  it('reads what a RunScript knows without asking the director', () => {
    const { result } = adaptedRun('bareos', BAREOS_FIXTURES['runScript']);
    expect([result.outcome.status, result.job.level, result.identity.hostName]).toEqual([
      'success',
      'full',
      'ws4',
    ]);
    const failed = adaptedRun('bareos', {
      ...(BAREOS_FIXTURES['runScript'] as object),
      jobstatus: 'Fatal Error',
    });
    expect(meaningOf(failed, 'bareos')).toEqual(['failed', 'ERROR', 'backup.failed']);
  });

  it('keeps the director’s refusal as a warning', () => {
    const refused = adaptedRun('bareos', BAREOS_FIXTURES['error']);
    expect(meaningOf(refused, 'bareos')).toEqual(['unknown', 'WARNING', 'result.unreadable']);
    expect(refused.result.outcome.message).toBe('No such job.');
  });

  it('does not take another agent’s report for its own', () => {
    expect(() => adaptedRun('bareos', { Data: { ParsedResult: 'Success' } })).toThrow(UnreadableReport);
  });
});
