const HEAD = 'VMID    Name          Status    Time      Size           Filename';

export function vzdumpMessage(rows: string[], log = ''): string {
  return `\nDetails\n=======\n${[HEAD, ...rows].join('\n')}\n\nTotal running time: 1m 30s\nTotal size: 2.5 GiB\n\nLogs\n====\n${log}`;
}

export const OK_GUEST =
  '201     erp db        ok        1m 2s     2.500 GiB      vm/201/2026-11-21T02:00:03Z';
export const BAD_GUEST = '202     files         err       3s        0 B            ';

export function notification(
  type: string | null,
  severity: string,
  title: string,
  message = '',
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  return {
    source: 'node7',
    title,
    message,
    severity,
    timestamp: 1795226400,
    fields: { ...(type !== null && { type }), hostname: 'node7', ...more },
  };
}

export const PROXMOX_FIXTURES: Record<string, unknown> = {
  one: notification(
    'vzdump',
    'info',
    'vzdump backup status (node7): backup successful',
    vzdumpMessage([OK_GUEST]),
    { 'job-id': 'backup-9' },
  ),
  mixed: notification(
    'vzdump',
    'error',
    'vzdump backup status (node7): backup failed: multiple problems',
    vzdumpMessage([OK_GUEST, BAD_GUEST], 'ERROR: Backup of VM 202 failed - no space left\n'),
  ),
  gc: notification('gc', 'error', 'Garbage Collect failed', 'Garbage collection failed: disk gone\n', {
    datastore: 'tank',
  }),
  fencing: notification('fencing', 'error', "Status: Fence node 'node8'"),
  test: { title: 'Test notification', message: 'hello', severity: 'info', timestamp: 1795226400, fields: {} },
};
