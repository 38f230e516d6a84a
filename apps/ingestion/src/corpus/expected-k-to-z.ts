import { type Expected, row } from './expectation.js';

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

/** Kopia to restic. */
export const EXPECTED_K_TO_Z: Record<string, Expected> = {
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
