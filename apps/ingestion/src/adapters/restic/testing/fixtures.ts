export const SUMMARY = {
  message_type: 'summary',
  files_new: 5,
  files_changed: 2,
  files_unmodified: 310,
  dirs_new: 1,
  dirs_changed: 4,
  data_added: 81920,
  data_added_packed: 40321,
  total_files_processed: 317,
  total_bytes_processed: 9663676,
  total_duration: 2.5,
  backup_start: '2026-11-21T01:00:00.5Z',
  backup_end: '2026-11-21T01:00:03Z',
  snapshot_id: 'aa11bb22cc33',
};
export const UNREADABLE = {
  message_type: 'error',
  error: { message: 'open /etc/shadow: permission denied' },
  during: 'archival',
  item: '/etc/shadow',
};

export function resticEnvelope(
  exitCode: unknown,
  stdout: string,
  stderr = '',
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    host: 'globex-nas',
    job: 'etc',
    repository: 'rest:https://vault.example/globex',
    agentVersion: '0.18.1',
    startedAt: '2026-11-21T00:59:59Z',
    endedAt: '2026-11-21T01:00:04Z',
    exitCode,
    command: 'backup',
    stdout,
    stderr,
    ...more,
  };
}

const LINE = JSON.stringify(SUMMARY);
export const RESTIC_FIXTURES: Record<string, unknown> = {
  success: resticEnvelope(0, LINE),
  partial: resticEnvelope(
    3,
    LINE,
    `${JSON.stringify(UNREADABLE)}\n${JSON.stringify(UNREADABLE)}\nWarning: at least one source file could not be read\n`,
  ),
  exitError: resticEnvelope(
    12,
    '',
    '{"message_type":"exit_error","code":12,"message":"Fatal: wrong password or no key found"}\n',
  ),
  bareLines: `{"message_type":"status","percent_done":0.5,"total_files":4,"files_done":2}\n${LINE}\n`,
  bareObject: LINE,
  bareText: 'Fatal: unable to open repository\n',
  bareList: '[{"time":"2026-11-20T01:00:00Z","id":"aa"}]',
};
