import type { EventType, Severity, Status } from '@backhaul/domain';
import { type Expected, row } from './expectation.js';

const AHSAY_RUN = { startedAt: '2026-11-20T02:00:00.000Z', endedAt: '2026-11-20T02:21:15.000Z' };
const VEEAM_RUN = { startedAt: '2026-11-20T02:00:00.123Z', endedAt: '2026-11-20T02:41:07.654Z' };

const ahsay = (status: Status, severity: Severity, type: EventType, more: Partial<Expected> = AHSAY_RUN) =>
  row('ahsay', status, severity, type, more);
const veeam = (status: Status, severity: Severity, type: EventType, more: Partial<Expected> = {}) =>
  row('veeam-vbr', status, severity, type, more);

/** Ahsay, Bareos, UrBackup and Veeam. A list: the runs of the file, in its order. */
export const EXPECTED_MORE_AGENTS: Record<string, Expected | readonly Expected[]> = {
  'ahsay/json-AuthSystemUser-error.docs.json': ahsay('unknown', 'WARNING', 'result.unreadable', {
    values: { 'outcome.message': 'Incorrect system username/password' },
  }),
  'ahsay/json-GetBackupJobReport.constructed.json': ahsay(
    'success_with_warnings',
    'WARNING',
    'backup.completed_warnings',
    {
      ...AHSAY_RUN,
      values: {
        'counts.filesNew': 1861,
        'counts.filesChanged': 3,
        'counts.filesDeleted': 1,
        'counts.warnings': 1,
        'bytes.new': 13450481,
        'bytes.changed': 90112,
        'timing.zoneKnown': false,
      },
    },
  ),
  'ahsay/json-ListBackupJobMode.docs.json': ahsay('unknown', 'WARNING', 'result.unreadable', {
    startedAt: '2024-06-26T11:33:52.000Z',
    endedAt: null,
    values: { 'job.trigger': 'manual', 'identity.nativeAccount': 'obm' },
  }),
  'ahsay/json-ListBackupJobStatus.constructed.json': [
    ahsay('success', 'OK', 'backup.completed', {
      ...AHSAY_RUN,
      values: {
        'identity.nativeAccount': 'acme-fs01',
        'bytes.uploaded': 13450481,
        'job.jobName': 'File Backup',
      },
    }),
    ahsay('success_with_warnings', 'WARNING', 'backup.completed_warnings'),
    ahsay('failed', 'ERROR', 'backup.failed'),
    ahsay('quota_exceeded', 'ERROR', 'quota.exceeded'),
    ahsay('missed', 'ERROR', 'backup.missed', { ...AHSAY_RUN, endedAt: null }),
    ahsay('running', 'OK', 'backup.started', { ...AHSAY_RUN, endedAt: null }),
  ],
  'ahsay/v6-GetBackupJobReport.constructed.xml': ahsay('partial', 'ERROR', 'backup.completed_errors', {
    startedAt: '2014-11-20T02:00:00.000Z',
    values: { 'issues.0.message': 'File is locked', 'counts.filesNew': 2, 'bytes.new': 2048 },
  }),
  'ahsay/v6-ListBackupJobStatus.constructed.xml': [
    ahsay('success', 'OK', 'backup.completed', {
      endedAt: '2014-11-20T02:21:15.000Z',
      values: { 'bytes.uploaded': 13450481, 'job.sourceId': '1317401234567' },
    }),
    ahsay('running', 'OK', 'backup.started', { endedAt: null }),
  ],
  'ahsay/v6-error.public-code.xml': ahsay('unknown', 'WARNING', 'result.unreadable', {
    values: { 'issues.0.code': 'UserCacheManager.NoSuchUserExpt' },
  }),

  'bareos/error-json.docs.json': row('bareos', 'unknown', 'WARNING', 'result.unreadable', {
    values: { 'outcome.message': 'ON or OFF keyword missing.' },
  }),
  'bareos/list-jobs-json.docs.json': [
    row('bareos', 'success', 'OK', 'backup.completed', {
      startedAt: '2015-06-25T16:51:38.000Z',
      values: {
        'job.level': 'full',
        'job.nativeJobId': 'BackupClient1',
        'job.nativeRunId': '1',
        'counts.filesExamined': 18,
        'bytes.processed': 4651943,
      },
    }),
    row('bareos', 'success', 'OK', 'backup.completed', {
      values: { 'job.level': 'incremental', 'counts.filesExamined': 0 },
    }),
  ],

  'urbackup/alert-script-params.constructed.json': row('urbackup', 'unknown', 'OK', 'service.status_update', {
    values: { 'identity.hostName': 'laptop-office' },
  }),
  'urbackup/report-script-params.constructed.json': row(
    'urbackup',
    'success_with_warnings',
    'WARNING',
    'backup.completed_warnings',
    {
      startedAt: '2026-09-26T21:01:40.000Z',
      endedAt: '2026-09-26T21:02:20.000Z',
      values: {
        'identity.hostName': 'laptop-office',
        'job.nativeJobId': '1:file',
        'job.level': 'incremental',
        'issues.0.message': 'Error getting complete file "docs/a.txt"',
        'counts.warnings': 1,
      },
    },
  ),

  'veeam/em-rest-BackupJobSession.docs.xml': veeam('success', 'OK', 'backup.completed', {
    startedAt: '2014-10-19T05:22:52.000Z',
    endedAt: '2014-10-19T05:40:48.000Z',
    values: {
      'job.nativeJobId': '4856ab37-2235-45e8-affe-d515878b01a9',
      'job.nativeRunId': 'd46e39e0-1131-4585-91a7-e828ce7eafae',
      'identity.hostName': 'srv02.tech.local',
    },
  }),
  'veeam/em-rest-BackupTaskSession.docs.xml': veeam('success', 'OK', 'backup.completed', {
    endedAt: '2014-10-19T05:40:39.000Z',
    values: {
      'bytes.examined': 64424509440,
      'identity.hostName': 'srv04',
      'job.jobName': 'Fileserver Backup',
    },
  }),
  'veeam/rest-v1-jobs-states.constructed.json': veeam('success', 'OK', 'backup.completed', {
    startedAt: '2026-11-20T02:00:00.000Z',
    endedAt: null,
    values: { 'job.destinationName': 'Default Backup Repository', 'counts.objects': 4 },
  }),
  'veeam/rest-v1-sessions.constructed.json': [
    veeam('success', 'OK', 'backup.completed', VEEAM_RUN),
    veeam('success_with_warnings', 'WARNING', 'backup.completed_warnings', VEEAM_RUN),
    veeam('failed', 'ERROR', 'backup.failed', {
      ...VEEAM_RUN,
      values: { 'outcome.message': 'Unable to connect to host' },
    }),
    veeam('cancelled', 'WARNING', 'backup.cancelled', VEEAM_RUN),
    veeam('running', 'OK', 'backup.started', { endedAt: null, values: { 'progress.percent': 42 } }),
  ],

  'veeam/syslog/110-backup-job-started.docs.txt': veeam('running', 'OK', 'backup.started', {
    startedAt: '2025-11-20T12:32:51.289Z',
    endedAt: null,
    values: { 'outcome.phase': 'started' },
  }),
  'veeam/syslog/151-file-backup-job-finished.docs.txt': veeam('running', 'OK', 'backup.started', {
    values: { 'bytes.uploaded': 63350768, 'job.sourceName': '\\\\fs1\\Folder' },
  }),
  'veeam/syslog/190-backup-job-finished.docs.txt': veeam('success', 'OK', 'backup.completed', {
    endedAt: '2025-11-20T12:36:16.008Z',
    values: {
      'job.jobName': 'VMware Production servers backup',
      'job.willRetry': false,
      'identity.hostName': 'vbrsrv01.tech.local',
    },
  }),
  'veeam/syslog/21220-repository-connection-restored.docs.txt': veeam(
    'unknown',
    'OK',
    'destination.restored',
  ),
  'veeam/syslog/21224-repository-connection-lost.docs.txt': veeam(
    'unknown',
    'ERROR',
    'destination.unreachable',
    { values: { 'job.destinationId': 'a7b98b83-9d41-46b3-a60b-e09d408910ba' } },
  ),
  'veeam/syslog/24020-license-expiring.docs.txt': veeam('unknown', 'WARNING', 'license.expiring'),
  'veeam/syslog/24050-license-support-expired.docs.txt': veeam('unknown', 'WARNING', 'support.expired'),
  'veeam/syslog/24060-license-grace-period.docs.txt': veeam('unknown', 'ERROR', 'license.expired'),
  'veeam/syslog/24070-license-limit-exceeded.docs.txt': veeam('unknown', 'WARNING', 'license.exceeded'),
  'veeam/syslog/28100-repository-settings-updated.docs.txt': veeam('unknown', 'OK', 'service.status_update', {
    values: { 'outcome.message': 'Backup repository Backup Repository 01 has been modified.' },
  }),
  'veeam/syslog/290-restore-session-finished.docs.txt': veeam('success', 'OK', 'restore.completed'),
  'veeam/syslog/32120-objects-for-job-deleted.docs.txt': veeam('unknown', 'OK', 'service.status_update', {
    values: { 'job.jobName': 'VMware Servers Backup' },
  }),
  'veeam/syslog/40700-configuration-backup-finished.docs.txt': veeam(
    'success',
    'OK',
    'config_backup.completed',
  ),
  'veeam/syslog/41600-malware-activity.docs.txt': veeam('unknown', 'ERROR', 'malware.suspected', {
    values: { 'job.sourceName': 'VM01' },
  }),
  'veeam/syslog/41710-health-check-finished.docs.txt': veeam('failed', 'ERROR', 'verify.failed'),
  'veeam/syslog/490-backup-copy-job-finished.docs.txt': veeam('success', 'OK', 'copy.completed'),
  'veeam/syslog/710-agent-backup-job-started.docs.txt': veeam('running', 'OK', 'backup.started'),
  'veeam/syslog/790-agent-backup-job-finished.docs.txt': veeam('success', 'OK', 'backup.completed'),
};
