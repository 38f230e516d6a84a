import { type Expected, row } from './expectation.js';
import { EXPECTED_K_TO_Z } from './expected-k-to-z.js';
import { EXPECTED_MORE_AGENTS } from './expected-more-agents.js';

const COMET_RUN = { startedAt: '2026-11-20T13:06:40.000Z', endedAt: '2026-11-20T14:06:40.000Z' };
const DUPLICATI_RUN = { startedAt: '2026-11-20T02:00:04.971Z', endedAt: '2026-11-20T02:03:52.356Z' };
export const EXPECTED: Record<string, Expected | readonly Expected[]> = {
  'borg/create-error-archive-exists-1.2.stderr.jsonl': row('borg', 'failed', 'ERROR', 'backup.failed', {
    endedAt: '2026-11-20T14:57:52.238Z',
    envelope: { exitCode: 2, command: 'create', stream: 'stderr' },
  }),
  'borg/create-error-exit2-1.2.stderr.jsonl': row('borg', 'failed', 'ERROR', 'backup.failed', {
    endedAt: '2026-11-20T14:57:51.957Z',
    envelope: { exitCode: 2, command: 'create', stream: 'stderr' },
    values: { 'issues.0.code': 'Repository.DoesNotExist' },
  }),
  'borg/create-logjson-progress-1.2.stderr.jsonl': row('borg', 'running', 'OK', 'backup.started', {
    envelope: { command: 'create', stream: 'stderr' },
    values: { 'outcome.phase': 'progress' },
  }),
  'borg/create-success-1.2.json': row('borg', 'success', 'OK', 'backup.completed', {
    startedAt: '2026-11-20T14:57:51.000Z',
    endedAt: '2026-11-20T14:57:51.000Z',
    envelope: { exitCode: 0, command: 'create' },
    values: {
      'timing.zoneKnown': false,
      'timing.durationMs': 11,
      'bytes.examined': 685561,
      'bytes.storedAfter': 388440,
      'counts.filesExamined': 14,
      'job.jobName': 'nightly',
    },
  }),

  'comet/webhook-account-removed.json': row('comet', 'unknown', 'WARNING', 'account.erased', {
    endedAt: '2026-11-20T14:08:20.000Z',
    values: { 'identity.nativeAccount': 'acme-backup' },
  }),
  'comet/webhook-job-completed-cancelled.json': row(
    'comet',
    'cancelled',
    'WARNING',
    'backup.cancelled',
    COMET_RUN,
  ),
  'comet/webhook-job-completed-error.json': row('comet', 'failed', 'ERROR', 'backup.failed', COMET_RUN),
  'comet/webhook-job-completed-missed.json': row('comet', 'missed', 'ERROR', 'backup.missed', {
    startedAt: COMET_RUN.startedAt,
    endedAt: COMET_RUN.startedAt,
    values: { 'outcome.phase': 'observed' },
  }),
  'comet/webhook-job-completed-quota.json': row(
    'comet',
    'quota_exceeded',
    'ERROR',
    'quota.exceeded',
    COMET_RUN,
  ),
  'comet/webhook-job-completed-restore-success.json': row(
    'comet',
    'success',
    'OK',
    'restore.completed',
    COMET_RUN,
  ),
  'comet/webhook-job-completed-skipped.json': row('comet', 'skipped', 'WARNING', 'backup.skipped'),
  'comet/webhook-job-completed-success.json': row('comet', 'success', 'OK', 'backup.completed', {
    ...COMET_RUN,
    values: { 'bytes.examined': 11086692615, 'bytes.uploaded': 13450481, 'bytes.storedAfter': 9920312634 },
  }),
  'comet/webhook-job-completed-vm-success.json': row('comet', 'success', 'OK', 'backup.completed', {
    ...COMET_RUN,
    values: { 'counts.vms': 4 },
  }),
  'comet/webhook-job-completed-warning.json': row(
    'comet',
    'success_with_warnings',
    'WARNING',
    'backup.completed_warnings',
    { ...COMET_RUN, values: { 'restorePoint.id': '4b0f1a2c3e' } },
  ),
  'comet/webhook-job-new.json': row('comet', 'running', 'OK', 'backup.started', {
    startedAt: COMET_RUN.startedAt,
    endedAt: null,
    values: { 'progress.itemsDone': 7100, 'outcome.phase': 'started' },
  }),

  'duplicati/http-report-status-completed.constructed.json': row(
    'duplicati',
    'success',
    'OK',
    'backup.completed',
    { startedAt: '2026-11-20T02:00:04.970Z', endedAt: null },
  ),
  'duplicati/http-report-status-failed.constructed.json': row(
    'duplicati',
    'failed',
    'ERROR',
    'backup.failed',
    { startedAt: '2026-11-20T02:00:04.970Z' },
  ),
  'duplicati/http-report-status-progress.constructed.json': row(
    'duplicati',
    'running',
    'OK',
    'backup.started',
    { values: { 'progress.percent': 41, 'progress.bytesTotal': 11086692615 } },
  ),
  'duplicati/http-report-status-started.constructed.json': row(
    'duplicati',
    'running',
    'OK',
    'backup.started',
    { startedAt: '2026-11-20T02:00:04.970Z' },
  ),
  'duplicati/report-form-success-2.0.4.5.captured.json': row(
    'duplicati',
    'success',
    'OK',
    'backup.completed',
    {
      startedAt: '2019-02-17T06:23:50.000Z',
      endedAt: '2019-02-17T06:23:51.000Z',
      values: { 'job.jobName': 'Testing', 'bytes.examined': 10, 'timing.durationMs': 190 },
    },
  ),
  'duplicati/report-json-error-quota-2.3.constructed.json': row(
    'duplicati',
    'quota_exceeded',
    'ERROR',
    'quota.exceeded',
    { ...DUPLICATI_RUN, values: { 'bytes.quotaTotal': 10737418240, 'bytes.quotaFree': 0 } },
  ),
  'duplicati/report-json-fatal-before-2.0.7.102.constructed.json': row(
    'duplicati',
    'failed',
    'ERROR',
    'backup.failed',
    { startedAt: null, endedAt: null },
  ),
  'duplicati/report-json-minimal.public-test.json': row('duplicati', 'success', 'OK', 'backup.completed', {
    startedAt: '2026-10-06T10:00:00.000Z',
    endedAt: '2026-10-06T10:05:00.000Z',
    values: { 'timing.durationMs': 300000, 'bytes.uploaded': 1048576 },
  }),
  'duplicati/report-json-warning-2.3.constructed.json': row(
    'duplicati',
    'success_with_warnings',
    'WARNING',
    'backup.completed_warnings',
    {
      ...DUPLICATI_RUN,
      values: {
        'timing.durationMs': 227385,
        'bytes.quotaTotal': null,
        'bytes.storedAfter': 9920312634,
        'counts.filesFailed': 2,
        'issues.0.code': 'PathProcessingFailed',
        'issues.0.path': 'C:\\data\\locked.pst',
        'identity.machineClass': 'workstation',
      },
    },
  ),

  ...EXPECTED_K_TO_Z,
  ...EXPECTED_MORE_AGENTS,
};

/** Files that no agent posts. */
export const LEFT_OUT: Record<string, string> = {
  'ahsay/json-AuthSystemUser-ok': 'the answer to a question, no run',
  'ahsay/json-GetServerRunJobStatus': 'the answer to a question, no run',
  'ahsay/json-ListBackupJobs.': 'the answer to a question, no run',
  'ahsay/json-request': 'a question, with its password',
  'ahsay/v6-ListUsers': 'the answer to a question, no run',
  'myclient/': 'requests to and exports of another portal',
  'veeam/rest-1.1-rev0': 'a description of the API',
  'borg/info-repo': 'the answer to a question, no run',
  'borg/list': 'the answer to a question, no run',
  'comet/api-response': 'an API response',
  'comet/job-log-entry': 'an API response',
  'proxmox/pve-task-list': 'an API response',
  'restic/backup-partial-exit3-0.14.stderr': 'posted together with its stdout',
  'restic/snapshots': 'the answer to a question, no run',
  'restic/stats': 'the answer to a question, no run',
};
