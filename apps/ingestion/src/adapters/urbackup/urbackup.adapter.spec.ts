import { describe, expect, it } from '@jest/globals';
import { UnreadableReport } from '../adapter.js';
import { adaptedRun, adaptedRuns, type Meaning, meaningOf } from '../testing/meaning.js';
import { urbackupAlert, URBACKUP_FIXTURES, urbackupReport } from './testing/fixtures.js';

const TABLE: [string, Record<string, unknown>, Meaning][] = [
  ['success', urbackupReport(), ['success', 'OK', 'backup.completed']],
  ['success as Lua’s 1', urbackupReport({ success: 1 }), ['success', 'OK', 'backup.completed']],
  ['warnings', urbackupReport({ warnings: 2 }), ['success_with_warnings', 'WARNING', 'backup.completed_warnings']],
  ['errors', urbackupReport({ errors: 1, warnings: 1 }), ['partial', 'WARNING', 'backup.completed_warnings']],
  ['no success', urbackupReport({ success: false }), ['failed', 'ERROR', 'backup.failed']],
  ['neither', { ...urbackupReport(), success: undefined }, ['unknown', 'WARNING', 'result.unreadable']],
  ['an overdue file backup', urbackupAlert(), ['missed', 'ERROR', 'backup.missed']],
  ['recent backups', urbackupAlert({ file_ok: true }), ['unknown', 'OK', 'service.status_update']],
  ['no image, of a client without images', urbackupAlert({ file_ok: true, image_ok: false, image_support: false }), ['unknown', 'OK', 'service.status_update']],
  ['no files, of a client without file backups', urbackupAlert({ no_file_backups: true }), ['unknown', 'OK', 'service.status_update']],
]; // prettier-ignore

describe('what UrBackup tells', () => {
  it.each(TABLE)('%s', (_name, body, meaning) => {
    expect(meaningOf(adaptedRun('urbackup', body), 'urbackup')).toEqual(meaning);
  });

  it('names machine, job, times and the reason', () => {
    const { result, agentVersion } = adaptedRun('urbackup', URBACKUP_FIXTURES['failed']);
    expect(result.identity).toMatchObject({ hostName: 'GLOBEX-PC4', nativeDeviceId: null, clientIp: '10.1.4.9' });
    expect(result.job).toMatchObject({ nativeJobId: '14:image', jobName: 'image', level: 'full' });
    expect(result.timing).toMatchObject({ startedAt: new Date(1795222800_000).toISOString(), durationMs: 100_000, zoneKnown: true });
    expect(result.outcome.message).toBe('Cannot read \\\\?\\Volume{1}: "disk error"');
    expect(result.issues.map(({ severity }) => severity)).toEqual(['WARNING', 'ERROR']);
    expect(agentVersion).toBe('2.5.27');
  }); // prettier-ignore

  it('T18: files and image of a client are two jobs, and an alert belongs to its job', () => {
    const file = adaptedRun('urbackup', urbackupReport()).result.job.nativeJobId;
    const both = adaptedRuns('urbackup', URBACKUP_FIXTURES['bothOverdue']);
    expect(both.map(({ result }) => result.job.nativeJobId)).toEqual([file, '14:image']);
    expect(both.map(({ result }) => result.outcome.message)).toEqual([
      'The last file backup is of 2026-11-18 18:26 UTC.',
      'The client has no image backup yet.',
    ]);
    expect(new Set(both.map(({ nativeKey }) => nativeKey)).size).toBe(2);
  });

  it('raises an alert once until a newer backup is overdue', () => {
    const key = (more: object) => adaptedRun('urbackup', urbackupAlert({ ...more })).nativeKey;
    expect(key({ passed_time_lastbackup_file: 201800 })).toBe(key({}));
    expect(key({ lastbackup_file: 1795126400 })).not.toBe(key({}));
  });

  it('has one key for a report sent twice, and none without a log', () => {
    const key = (more: object) => adaptedRun('urbackup', urbackupReport({ ...more })).nativeKey;
    expect(key({ report_mail: 'x' })).toBe(key({}));
    expect(key({ image: 1 })).not.toBe(key({}));
    expect(key({ data: [] })).toBeNull();
  });

  it('does not take another agent’s report for its own', () => {
    expect(() => adaptedRun('urbackup', { kind: 'x' })).toThrow(UnreadableReport);
  });
});
