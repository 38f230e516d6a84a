export function borgArchive(nfiles: number): string {
  return JSON.stringify({
    archive: { name: 'mail-2026-11-21T02:00', id: 'feedc0de', start: '2026-11-21T02:00:00.000000', end: '2026-11-21T02:05:00.000000', duration: 299.5, stats: { original_size: 7340032, compressed_size: 3145728, deduplicated_size: 4096, nfiles }, command_line: ['borg', 'create'] },
    cache: { stats: { unique_csize: 734003 } }, encryption: { mode: 'repokey-blake2' }, repository: { id: 'beefcafe', location: 'ssh://vault.example/./mail', last_modified: '2026-11-21T02:05:00.000000' },
  }, null, 4); // prettier-ignore
}

export function logLine(levelname: string, message: string, msgid?: string): string {
  return JSON.stringify({
    type: 'log_message',
    time: 1795222801.25,
    levelname,
    name: 'borg.archiver',
    message,
    msgid,
  });
}

export function borgEnvelope(exitCode: unknown, stdout: string, stderr = ''): Record<string, unknown> {
  return { host: 'globex-mx', job: 'mail', exitCode, command: 'create', stdout, stderr };
}

export const BORG_FIXTURES: Record<string, unknown> = {
  success: borgEnvelope(0, borgArchive(12)),
  warning: borgEnvelope(
    1,
    borgArchive(11),
    logLine('WARNING', 'var/mail/\udce9: open: [Errno 13] Permission denied'),
  ),
  error: borgEnvelope(2, '', logLine('ERROR', 'Failed to create/acquire the lock', 'LockTimeout')),
  bareDocument: borgArchive(3),
  bareLines: `${logLine('WARNING', 'a: stat: [Errno 13]')}\n${logLine('ERROR', 'Repository missing', 'Repository.DoesNotExist')}\n`,
};
