import type { Agent, EventType, Severity, Status } from '@backhaul/domain';

/** What a sample says, read off it by hand. */
export interface Expected {
  agent: Agent;
  status: Status;
  severity: Severity;
  type: EventType;
  startedAt?: string | null;
  endedAt?: string | null;
  /** Dotted paths into the result. */
  values?: Record<string, unknown>;
  /** Of raw output: what the wrapper script adds. */
  envelope?: { exitCode?: number; command?: string; stream?: 'stdout' | 'stderr'; with?: string };
}

function row(
  agent: Agent,
  status: Status,
  severity: Severity,
  type: EventType,
  more: Partial<Expected> = {},
): Expected {
  return { agent, status, severity, type, ...more };
}

const COMET_RUN = { startedAt: '2026-11-20T13:06:40.000Z', endedAt: '2026-11-20T14:06:40.000Z' };
const DUPLICATI_RUN = { startedAt: '2026-11-20T02:00:04.971Z', endedAt: '2026-11-20T02:03:52.356Z' };
const KOPIA_TEXT = {
  startedAt: '2020-01-02T03:04:05.000Z',
  endedAt: '2020-01-02T03:04:06.100Z',
  values: {
    'children.length': 4,
    'children.0.timing.startedAt': null,
    'children.0.outcome.status': 'failed',
    'children.1.counts.filesExamined': 123,
    'children.1.outcome.status': 'success',
  },
};

export const EXPECTED: Record<string, Expected> = {
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

  'kopia/webhook-body.generic-error.txt.default.expected': row('kopia', 'failed', 'ERROR', 'backup.failed', {
    startedAt: '2020-01-02T03:04:05.000Z',
    endedAt: '2020-01-02T03:04:06.000Z',
    values: { 'outcome.message': 'error details', 'identity.hostName': 'some-host' },
  }),
  'kopia/webhook-body.snapshot-report.html.default.expected': row(
    'kopia',
    'failed',
    'ERROR',
    'backup.failed',
    KOPIA_TEXT,
  ),
  'kopia/webhook-body.snapshot-report.txt.default.expected': row(
    'kopia',
    'failed',
    'ERROR',
    'backup.failed',
    KOPIA_TEXT,
  ),
  'kopia/webhook-json-via-custom-template.constructed.json': row(
    'kopia',
    'failed',
    'ERROR',
    'backup.failed',
    {
      startedAt: '2026-11-20T02:00:00.000Z',
      endedAt: '2026-11-20T02:05:00.000Z',
      values: { 'children.length': 2, 'children.0.bytes.examined': 456, 'identity.hostName': 'WS07' },
    },
  ),
  'kopia/webhook-request-default.constructed.txt': row(
    'kopia',
    'failed',
    'ERROR',
    'backup.failed',
    KOPIA_TEXT,
  ),

  'other/duplicity-full-0.8.22.txt': row('duplicity', 'success', 'OK', 'backup.completed', {
    startedAt: '2026-11-20T14:57:53.040Z',
    endedAt: '2026-11-20T14:57:53.870Z',
    envelope: { exitCode: 0, command: 'backup' },
    values: { 'counts.filesExamined': 17, 'bytes.examined': 697306, 'timing.durationMs': 830 },
  }),

  'proxmox/pbs-gc-err.webhook.constructed.json': row('proxmox-bs', 'failed', 'ERROR', 'gc.failed', {
    endedAt: '2026-06-12T01:03:11.000Z',
    values: { 'issues.0.message': 'unable to open chunk store' },
  }),
  'proxmox/pbs-gc-ok.webhook.constructed.json': row('proxmox-bs', 'success', 'OK', 'gc.completed', {
    endedAt: '2026-06-12T01:03:10.000Z',
  }),
  'proxmox/pbs-prune-err.webhook.constructed.json': row('proxmox-bs', 'failed', 'ERROR', 'retention.failed', {
    values: { 'job.nativeJobId': 'p-77aa' },
  }),
  'proxmox/pbs-tape-load.webhook.constructed.json': row(
    'proxmox-bs',
    'success',
    'WARNING',
    'bdr.tape_needed',
  ),
  'proxmox/pbs-verify-err.webhook.constructed.json': row('proxmox-bs', 'failed', 'ERROR', 'verify.failed', {
    values: { 'issues.1.path': 'vm/100/2026-06-11T01:00:03Z' },
  }),
  'proxmox/pve-fencing.webhook.constructed.json': row('proxmox-ve', 'failed', 'ERROR', 'bdr.node_fenced', {
    values: { 'identity.nativeDeviceId': 'pve2' },
  }),
  'proxmox/pve-system-mail-smartd.webhook.constructed.json': row(
    'proxmox-ve',
    'unknown',
    'WARNING',
    'bdr.disk_smart',
  ),
  'proxmox/pve-vzdump-message-ok.public-test.txt': row('proxmox-ve', 'success', 'OK', 'backup.completed', {
    values: { 'counts.vms': 2, 'children.length': 2, 'timing.durationMs': 180000 },
  }),
  'proxmox/pve-vzdump-ok-manual-no-jobid.webhook.constructed.json': row(
    'proxmox-ve',
    'success',
    'OK',
    'backup.completed',
    {
      startedAt: '2026-06-12T01:00:00.000Z',
      endedAt: '2026-06-12T01:03:00.000Z',
      values: { 'job.nativeJobId': 'vzdump', 'job.trigger': 'manual' },
    },
  ),
  'proxmox/pve-vzdump-ok.webhook.constructed.json': row('proxmox-ve', 'success', 'OK', 'backup.completed', {
    startedAt: '2026-06-12T01:00:00.000Z',
    endedAt: '2026-06-12T01:03:00.000Z',
    values: {
      'children.0.timing.durationMs': 161000,
      'children.1.restorePoint.id': 'vm/1003/2026-06-12T01:02:44Z',
      'bytes.examined': 253404144206,
    },
  }),
  'proxmox/pve-vzdump-setup-failure.webhook.constructed.json': row(
    'proxmox-ve',
    'failed',
    'ERROR',
    'backup.failed',
    { values: { 'issues.0.message': 'unable to activate storage PBS', 'counts.vms': 0 } },
  ),

  'restic/backup-fatal-exit1-0.14.stderr.txt': row('restic', 'failed', 'ERROR', 'backup.failed', {
    envelope: { exitCode: 1, command: 'backup', stream: 'stderr' },
  }),
  'restic/backup-fatal-wrong-password-0.14.stderr.txt': row('restic', 'failed', 'ERROR', 'backup.failed', {
    envelope: { exitCode: 1, command: 'backup', stream: 'stderr' },
    values: { 'outcome.message': 'Fatal: wrong password or no key found' },
  }),
  'restic/backup-partial-exit3-0.14.stdout.jsonl': row(
    'restic',
    'partial',
    'WARNING',
    'backup.completed_warnings',
    {
      envelope: {
        exitCode: 3,
        command: 'backup',
        with: 'restic/backup-partial-exit3-0.14.stderr.mixed-json-and-text.txt',
      },
      values: {
        'counts.filesFailed': 1,
        'counts.filesNew': 13,
        'restorePoint.id': '22ad51c4',
        'timing.durationMs': 220,
      },
    },
  ),
  'restic/backup-success-first-0.14.jsonl': row('restic', 'success', 'OK', 'backup.completed', {
    envelope: { exitCode: 0, command: 'backup' },
    values: { 'bytes.examined': 690006, 'bytes.new': 696006, 'counts.filesNew': 14 },
  }),
  'restic/backup-success-incremental-0.14.jsonl': row('restic', 'success', 'OK', 'backup.completed', {
    envelope: { exitCode: 0, command: 'backup' },
    values: { 'counts.filesUnchanged': 12, 'bytes.new': 5649 },
  }),
  'restic/backup-verbose-status-0.14.jsonl': row('restic', 'running', 'OK', 'backup.started', {
    envelope: { command: 'backup' },
  }),
  'restic/check-0.14.txt': row('restic', 'success', 'OK', 'verify.ok', {
    envelope: { exitCode: 0, command: 'check' },
  }),
  'restic/exit-error-no-repository-0.17plus.public-test.jsonl': row(
    'restic',
    'failed',
    'ERROR',
    'backup.failed',
    { envelope: { exitCode: 10, command: 'backup', stream: 'stderr' }, values: { 'outcome.exitCode': 10 } },
  ),
  'restic/forget-prune-0.14.mixed-json-and-text.txt': row('restic', 'success', 'OK', 'retention.completed', {
    envelope: { exitCode: 0, command: 'forget' },
  }),
  'restic/init-0.14.mixed-text-and-json.txt': row('restic', 'success', 'OK', 'gc.completed', {
    envelope: { exitCode: 0, command: 'init' },
  }),
};

/** Agents that have no adapter here, and files that no agent posts. */
export const LEFT_OUT: Record<string, string> = {
  'ahsay/': 'read by polling its API, no adapter here',
  'bareos/': 'read by polling its director, no adapter here',
  'myclient/': 'requests to and exports of another portal',
  'urbackup/': 'read by script or polling, no adapter here',
  'veeam/': 'read by polling and syslog, no adapter here',
  'borg/info-repo': 'the answer to a question, no run',
  'borg/list': 'the answer to a question, no run',
  'comet/api-response': 'an API response',
  'comet/job-log-entry': 'an API response',
  'proxmox/pve-task-list': 'an API response',
  'restic/backup-partial-exit3-0.14.stderr': 'posted together with its stdout',
  'restic/snapshots': 'the answer to a question, no run',
  'restic/stats': 'the answer to a question, no run',
};
