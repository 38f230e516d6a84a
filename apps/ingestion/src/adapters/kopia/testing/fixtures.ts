export function kopiaSnapshot(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: '',
    host: 'globex-pc',
    user: 'ann',
    path: '/home/ann',
    status: 'success',
    start: '2026-11-21T03:00:00Z',
    end: '2026-11-21T03:01:30Z',
    bytes: 40960,
    files: 12,
    dirs: 3,
    bytesDelta: 512,
    cachedFiles: 9,
    errorCount: 0,
    ignoredErrorCount: 0,
    incomplete: '',
    error: '',
    ...more,
  };
}

export function kopiaReport(snapshots: unknown[], overall = 'success'): Record<string, unknown> {
  return {
    agent: 'kopia',
    agentVersion: 'v0.21.5',
    hostname: 'globex-pc',
    eventTime: '2026-11-21T03:01:31Z',
    overall,
    snapshots,
  };
}

export const KOPIA_TEXT = `Path: /home/ann

  Status:      warnings
  Start:       Sat, 21 Nov 2026 03:00:00 +0000
  Duration:    1m30.5s
  Size:        4.1 KB (+56 B)
  Files:       12 (+1)
  Directories: 3

  Failed Entries:

  - /home/ann/a: locked
  - /home/ann/a: locked again

Generated at Sat, 21 Nov 2026 03:01:31 +0000 by Kopia v0.21.5.
`;

const KOPIA_HTML = `<!doctype html><html><body><table><tr class="snapshotstatus-fatal">
<td><span class="path">/srv/a&amp;b</span></td><td>Thu, 01 Jan 1970 00:00:00 +0000</td><td>0s</td><td>0 B</td><td>0</td><td>0</td></tr>
<tr class="snapshotstatus-fatal"><td colspan="6"><b style="color:red">Error:</b> no such directory</td></tr></table>
<p>Generated at Sat, 21 Nov 2026 03:01:31 +0000 by <a href="https://kopia.io">Kopia v0.21.5</a>.</p></body></html>`;

export const KOPIA_ERROR = `Operation: Snapshot Maintenance
Started:   Sat, 21 Nov 2026 03:00:00 +0000
Finished:  Sat, 21 Nov 2026 03:00:02 +0000 (2s)

unable to open repository

Generated at Sat, 21 Nov 2026 03:00:02 +0000 by Kopia v0.21.5.
`;

export const KOPIA_FIXTURES: Record<string, unknown> = {
  one: kopiaReport([kopiaSnapshot()]),
  two: kopiaReport([
    kopiaSnapshot(),
    kopiaSnapshot({ path: '/srv', status: 'incomplete', incomplete: 'canceled' }),
  ]),
  text: KOPIA_TEXT,
  html: KOPIA_HTML,
  error: KOPIA_ERROR,
  goEscapes:
    '{"agent":"kopia","hostname":"h","overall":"fatal","snapshots":[{"path":"/a\\x07\\a\\U0001f600","status":"fatal","error":"bell"}]}',
  broken: '{"agent":"kopia","snapshots":[',
  manifest: {
    id: 'k9',
    source: { host: 'h', userName: 'u', path: '/p' },
    startTime: '2026-11-21T03:00:00.123456Z',
    endTime: '2026-11-21T03:00:05Z',
    stats: { totalSize: 77, fileCount: 3, errorCount: 0, ignoredErrorCount: 0 },
    rootEntry: { summ: { numFailed: 0 } },
  },
};
