import { describe, expect, it } from '@jest/globals';
import { UnreadableReport } from '../adapter.js';
import { adaptedRun, adaptedRuns, type Meaning, meaningOf } from '../testing/meaning.js';
import {
  VEEAM_EM_SESSION, VEEAM_FIXTURES, VEEAM_JOB_STATE, veeamLine, veeamResult, veeamSession, veeamSessions,
} from './testing/fixtures.js'; // prettier-ignore

const END = 'JobSessionID="s-1" JobID="j-1" JobName="Nightly"';
const end = (id: number, result: string) => veeamLine(id, `${END} JobResult="${result}"`, 'It ended.');
const OPEN: Meaning = ['running', 'OK', 'backup.started'];
const WAITING: Meaning = ['queued', 'OK', 'backup.started'];
const WARNED: Meaning = ['success_with_warnings', 'WARNING', 'backup.completed_warnings'];
const FAILED: Meaning = ['failed', 'ERROR', 'backup.failed'];
const state = (name: string, meaning: Meaning): [string, unknown, Meaning] => [
  name,
  veeamSession({ state: name, result: { result: 'None', message: '', isCanceled: false } }),
  meaning,
];
const typed = (sessionType: string, result = 'Failed') => ({ ...veeamResult(result), sessionType });

const TABLE: [string, unknown, Meaning][] = [
  ['Success', veeamResult('Success'), ['success', 'OK', 'backup.completed']],
  ['Warning', veeamResult('Warning'), WARNED],
  ['Failed', veeamResult('Failed'), FAILED],
  ['cancelled', veeamResult('Failed', { isCanceled: true }), ['cancelled', 'WARNING', 'backup.cancelled']],
  ['None when stopped', veeamResult('None'), ['unknown', 'WARNING', 'result.unreadable']],
  ...['Starting', 'Stopping', 'Working', 'Pausing', 'Resuming', 'Idle', 'Postprocessing'].map((s) => state(s, OPEN)),
  ...['WaitingTape', 'WaitingRepository', 'WaitingSlot'].map((s) => state(s, WAITING)),
  state('Dreaming', ['unknown', 'WARNING', 'result.unreadable']),
  ['a copy', typed('BackupCopyJob'), ['failed', 'ERROR', 'copy.failed']],
  ['a replica', typed('ReplicaJob'), ['failed', 'ERROR', 'replication.failed']],
  ['a restore', typed('RestoreVm', 'Success'), ['success', 'OK', 'restore.completed']],
  ['a restore by name of what it restores', typed('InstantRecovery'), ['failed', 'ERROR', 'restore.failed']],
  ['SureBackup', typed('SureBackup'), ['failed', 'ERROR', 'verify.failed']],
  ['tape', typed('BackupToTape'), ['failed', 'ERROR', 'tape.failed']],
  ['the configuration', typed('ConfigurationBackup'), ['failed', 'ERROR', 'config_backup.failed']],
  ['upkeep closes no backup', typed('RepositoryMaintenance', 'Success'), ['success', 'OK', 'gc.completed']],
  ['a type nobody knows closes no backup', typed('Sing', 'Success'), ['success', 'OK', 'gc.completed']],
  ['a job’s state', VEEAM_JOB_STATE, FAILED],
  ['a job that runs', { ...VEEAM_JOB_STATE, status: 'running' }, OPEN],
  ['a job that never ran', { ...VEEAM_JOB_STATE, lastRun: undefined, lastResult: 'None' }, ['unknown', 'OK', 'service.status_update']],
  ['no session', veeamSessions([]), ['unknown', 'OK', 'service.status_update']],
  ['Enterprise Manager', VEEAM_EM_SESSION, WARNED],
  ['T13 190: 1 is a warning', end(190, '1'), WARNED],
  ['T13 190: 2 failed', end(190, '2'), FAILED],
  ['T13 190: 3 is unknown', end(190, '3'), ['unknown', 'WARNING', 'result.unreadable']],
  ['790', end(790, '0'), ['success', 'OK', 'backup.completed']],
  ['490', end(490, '2'), ['failed', 'ERROR', 'copy.failed']],
  ['390', end(390, '2'), ['failed', 'ERROR', 'verify.failed']],
  ['41710', end(41710, '2'), ['failed', 'ERROR', 'verify.failed']],
  ['T15 290 with JobResult', end(290, '2'), ['failed', 'ERROR', 'restore.failed']],
  ['T15 40290 with Result', veeamLine(40290, 'JobSessionID="s-1" Result="0"', 'Done.'), ['success', 'OK', 'restore.completed']],
  ['40700', veeamLine(40700, 'X="1"', 'Completed. Result: Failed.'), ['failed', 'ERROR', 'config_backup.failed']],
  ['110', veeamLine(110, END, 'Started.'), OPEN],
  ['T13 150: the machine failed, the run goes on', veeamLine(150, 'VmName="dc1" Status="2"', 'dc1 failed'), OPEN],
  ['24020', veeamLine(24020, 'DaysLeft="14"', '14 days'), ['unknown', 'WARNING', 'license.expiring']],
  ['24070', veeamLine(24070, 'DaysLeft="3"', 'Too many'), ['unknown', 'WARNING', 'license.exceeded']],
  ['21224', veeamLine(21224, 'ObjectID="r" ObjectName="repo"', 'Lost'), ['unknown', 'ERROR', 'destination.unreachable']],
  ['41600', veeamLine(41600, 'OibID="o" ObjectName="VM1"', 'Malware'), ['unknown', 'ERROR', 'malware.suspected']],
  ['an event nobody knows', veeamLine(99999, 'A="1"', 'Hm.'), ['unknown', 'OK', 'service.status_update']],
]; // prettier-ignore

describe('what Veeam tells', () => {
  it.each(TABLE)('%s', (_name, body, meaning) => {
    expect(meaningOf(adaptedRun('veeam-vbr', body), 'veeam-vbr')).toEqual(meaning);
  });

  it('names server, job, run and times', () => {
    const { result, agentVersion } = adaptedRun('veeam-vbr', VEEAM_FIXTURES['success']);
    expect(result.identity.hostName).toBe('vbr7.globex.example');
    expect(result.job).toMatchObject({
      jobName: 'Globex servers',
      nativeJobId: '7f0f5c1e-0000-4000-8000-0000000000bb',
      nativeRunId: '7f0f5c1e-0000-4000-8000-000000000001',
      parentRunId: null,
    });
    expect(result.timing).toMatchObject({
      startedAt: '2026-11-21T00:00:00.123Z',
      endedAt: '2026-11-21T00:31:00.500Z',
      zoneKnown: true,
    });
    expect(agentVersion).toBe('12.3.1.1139');
  });

  it('makes a run of each session of a list, and reads log and machines', () => {
    const runs = adaptedRuns('veeam-vbr', VEEAM_FIXTURES['several']).map(({ result }) => result);
    expect(runs.map(({ outcome }) => outcome.status)).toEqual(['success', 'running', 'success']);
    expect(runs[1]?.progress?.percent).toBe(41);
    expect(runs[2]?.children.map(({ outcome, identity }) => [identity.hostName, outcome.message])).toEqual([
      ['globex-dc1', 'No snapshot'],
      ['globex-dc2', 'No snapshot'],
    ]);
    expect(runs[2]?.issues.map(({ message }) => message)).toEqual(['Processing globex-dc1: No snapshot']);
    expect(runs[2]?.counts).toMatchObject({ objects: 2, filesFailed: 2 });
    expect(adaptedRuns('veeam-vbr', VEEAM_FIXTURES['list'])).toHaveLength(2);
  });

  it('N14: one machine is the event itself', () => {
    const { result } = adaptedRun('veeam-vbr', VEEAM_FIXTURES['oneTask']);
    expect([result.children.length, result.job.sourceName]).toEqual([0, 'globex-dc1']);
  });

  it('one end has one key, by REST and by syslog; the run’s beginning has another', () => {
    const id = '7f0f5c1e-0000-4000-8000-000000000001';
    const line = veeamLine(190, `JobSessionID="${id}" JobResult="0"`, 'Done.');
    const key = (body: unknown) => adaptedRun('veeam-vbr', body).nativeKey;
    expect(key(line)).toBe(key(VEEAM_FIXTURES['success']));
    expect(key(veeamSession({ usn: 9 }))).toBe(key(line));
    expect(key(veeamSession({ state: 'Working' }))).not.toBe(key(line));
    expect(key(VEEAM_JOB_STATE)).not.toBe(key(veeamResult('Failed')));
  });

  it('T14: values hold quotes, names without quotes, and XML', () => {
    const values = `JobSessionID="s" WillBeRetried="True" ChangesXML="<a id="1" name="x y=z" />" JobName="Say "hi"" JobResult="2"`;
    const { result } = adaptedRun('veeam-vbr', veeamLine(190, values, 'Cannot open "C:\\x" of TECH\\user1.'));
    expect(result.job).toMatchObject({ jobName: 'Say "hi"', willRetry: true });
    expect(result.outcome.message).toBe('Cannot open "C:\\x" of TECH\\user1.');
  });

  it('makes an event of each line of a log', () => {
    const text = `<14>${end(190, '0')}\n${veeamLine(21224, 'A="1"', 'Lost\nits way')}\n`;
    const runs = adaptedRuns('veeam-vbr', text).map(({ result }) => result.outcome.message);
    expect(runs).toEqual(['It ended.', 'Lost\nits way']);
  });

  it.each([
    ['an answer that refuses', { errorCode: 'AccessDenied', message: 'no' }],
    ['another agent’s report', { ID: 'x', BackupJobStatus: 'BS_STOP_SUCCESS' }],
    ['other XML', '<html/>'],
    ['a list of words', ['a']],
  ])('%s is no report', (_name, body) => {
    expect(() => adaptedRuns('veeam-vbr', body)).toThrow(UnreadableReport);
  });
});
