export const DUPLICITY =
  '--------------[ Backup Statistics ]--------------\nStartTime 1795226400.50 (Sat)\nEndTime 1795226460.00 (Sat)\nElapsedTime 59.5 (59.50 seconds)\nSourceFiles 40\nSourceFileSize 8192 (8 KB)\nErrors 1\n';

export const GENERIC_FIXTURES: Record<string, unknown> = {
  envelope: {
    host: 'globex-db',
    job: 'pg_dump',
    startedAt: '2026-11-21T02:00:00Z',
    endedAt: '2026-11-21T02:01:00Z',
    exitCode: 1,
    stdout: '',
    stderr: 'pg_dump: error: connection refused\n',
    team: { oncall: ['ann'] },
  },
  shellCode: { host: 'globex-db', job: 'rsync', exitCode: '23', stdout: 'sent 5 bytes', stderr: '' },
  canonical: {
    identity: { hostName: 'h' },
    job: { nativeJobId: 'j', nativeRunId: 'r', kind: 'backup', sourcePaths: ['/a'] },
    timing: { startedAt: '2026-11-21T02:00:00Z', endedAt: '2026-11-21T02:00:09Z', durationMs: 9000 },
    outcome: { status: 'success', phase: 'finished' },
    counts: { filesNew: 3 },
    bytes: { uploaded: -1 },
    issues: [{ severity: 'WARNING', message: 'm' }],
    log: { lines: ['one'] },
    custom: 7,
  },
  measures: {
    type: 'service.status_update',
    outcome: { status: 'success', severity: 'OK' },
    measures: { mailboxes: 12 },
  },
};
