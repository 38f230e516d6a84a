import { describe, expect, it } from '@jest/globals';
import { UnreadableReport } from '../adapter.js';
import { adaptedRun, adaptedRuns, type Meaning, meaningOf } from '../testing/meaning.js';
import { AHSAY_FIXTURES, ahsayList, ahsayRow } from './testing/fixtures.js';

const row = (more: Record<string, unknown>) => adaptedRun('ahsay', ahsayList([ahsayRow(more)]));
const WARNED: Meaning = ['success_with_warnings', 'WARNING', 'backup.completed_warnings'];
const FAILED: Meaning = ['failed', 'ERROR', 'backup.failed'];
const FULL: Meaning = ['quota_exceeded', 'ERROR', 'quota.exceeded'];
const CANCELLED: Meaning = ['cancelled', 'WARNING', 'backup.cancelled'];
const OPEN: Meaning = ['running', 'OK', 'backup.started'];

const TABLE: [unknown, Meaning][] = [
  ['BS_STOP_SUCCESS', ['success', 'OK', 'backup.completed']],
  ['BS_STOP_SUCCESS_WITH_WARNING', WARNED],
  ['BS_MISSED_DATABASE', WARNED],
  ['BS_MISSED_PUBLIC_FOLDER', WARNED],
  ['BS_MISSED_VIRTUAL_MACHINE', WARNED],
  ['BS_STOP_SUCCESS_WITH_ERROR', ['partial', 'ERROR', 'backup.completed_errors']],
  ['BS_STOP_BY_SYSTEM_ERROR', FAILED],
  ['BS_BACKUP_NOT_FINISHED', FAILED],
  ['BS_STOP_BY_QUOTA_EXCEEDED', FULL],
  ['BS_STOP_QUOTA_EXCEEDED', FULL],
  ['BS_STOP_MISSED_BACKUP', ['missed', 'ERROR', 'backup.missed']],
  ['BS_STOP_BY_USER', CANCELLED],
  ['BS_STOP_BY_SCHEDULER', CANCELLED],
  ['', OPEN],
  ['BS_STILL_RUNNING', OPEN],
  ['BS_STOP_SOMEHOW', ['unknown', 'WARNING', 'result.unreadable']],
  [undefined, ['unknown', 'WARNING', 'result.unreadable']],
];

describe('what Ahsay tells', () => {
  it.each(TABLE)('%s', (status, meaning) => {
    expect(meaningOf(row({ BackupJobStatus: status }), 'ahsay')).toEqual(meaning);
  });

  it('T8: times are the user’s, in the zone that the script or the user’s profile gives', () => {
    expect(row({}).result.timing).toMatchObject({
      startedAt: '2026-11-21T00:30:00.000Z',
      endedAt: '2026-11-21T00:52:09.000Z',
      assumedZone: 'Europe/Berlin',
      zoneKnown: false,
    });
    const profile = { zone: undefined, Timezone: 'GMT+12:00 (NZST)' };
    const there = adaptedRun('ahsay', ahsayList([ahsayRow()], profile)).result.timing;
    expect([there.startedAt, there.assumedZone]).toEqual(['2026-11-20T13:30:00.000Z', '+12:00']);
  });

  it('T16: a misprinted time is unknown and kept, the row stands', () => {
    const { result } = row({ EndTime: '2026-11-21 01;52:09' });
    expect([result.timing.endedAt, result.outcome.status]).toEqual([null, 'success']);
    expect(result.ext['ahsay']).toMatchObject({ Data: [{ EndTime: '2026-11-21 01;52:09' }] });
  });

  it('makes a run of each row, each with a key of its own', () => {
    const runs = adaptedRuns('ahsay', AHSAY_FIXTURES['several']);
    expect(runs.map(({ result }) => result.outcome.status)).toEqual(['success', 'running', 'quota_exceeded']);
    expect(new Set(runs.map(({ nativeKey }) => nativeKey)).size).toBe(3);
    expect(row({}).nativeKey).toBe(runs[0]?.nativeKey);
  });

  it('one set at two destinations is two jobs', () => {
    const other = row({ DestinationID: '-2' });
    expect(other.nativeKey).not.toBe(row({}).nativeKey);
    expect(other.result.job.nativeJobId).not.toBe(row({}).result.job.nativeJobId);
  });

  it('reads a report’s counts, and login and set from beside it', () => {
    const { result, nativeKey } = adaptedRun('ahsay', AHSAY_FIXTURES['report']);
    expect(result.identity.hostName).toBe('globex-fs');
    expect(result.job).toMatchObject({ sourceId: '1690000000911', jobName: 'Shares', trigger: 'scheduled' });
    expect(result.counts).toMatchObject({ filesNew: 17, filesChanged: 5, filesDeleted: 6, warnings: 2 });
    expect([result.bytes.new, result.bytes.changed, result.timing.assumedZone]).toEqual([655361, 78642, 'Pacific/Auckland']);
    expect(nativeKey).not.toBeNull();
  }); // prettier-ignore

  it('T16: no job that day is an empty list, any other refusal a warning', () => {
    expect(meaningOf(adaptedRun('ahsay', AHSAY_FIXTURES['nothing']), 'ahsay')[2]).toBe(
      'service.status_update',
    );
    const refused = adaptedRun('ahsay', AHSAY_FIXTURES['error']);
    expect(meaningOf(refused, 'ahsay')).toEqual(['unknown', 'WARNING', 'result.unreadable']);
    expect(refused.result.outcome.message).toBe('Unknown user');
  });

  it('reads the XML of version 6', () => {
    const { result } = adaptedRun('ahsay', AHSAY_FIXTURES['xmlReport'], 'UTC');
    expect(meaningOf({ result } as never, 'ahsay')[2]).toBe('backup.completed_errors');
    expect(result.issues.map(({ message }) => message)).toEqual([
      'Skipped <tmp> & more',
      'Cannot read R:\\ledger.mdb',
    ]);
    expect([result.counts.filesNew, result.timing.startedAt]).toEqual([17, '2026-11-21T01:30:00.000Z']);
    const list = adaptedRuns('ahsay', AHSAY_FIXTURES['xmlList']);
    expect(list.map(({ result: one }) => one.outcome.status)).toEqual(['success', 'running']);
    expect(adaptedRun('ahsay', AHSAY_FIXTURES['xmlError']).result.issues[0]).toMatchObject({
      code: 'UserCacheManager.NoSuchUserExpt',
      message: "No user 'x'",
    });
  });

  it.each([
    ['a request with its password', { SysUser: 'a', SysPwd: 'b', LoginName: 'c' }],
    ['a bare OK', { Status: 'OK' }],
    ['XML with entities of its own', '<!DOCTYPE a [<!ENTITY x "y">]><BackupJobReport ID="1" StartTime="2"/>'],
    ['XML that is cut off', '<BackupJobReport ID="1" StartTime="2"><Info'],
    ['HTML', '<html><body>Gateway <br> Timeout</body></html>'],
  ])('%s is no report', (_name, body) => {
    expect(() => adaptedRuns('ahsay', body)).toThrow(UnreadableReport);
  });
});
