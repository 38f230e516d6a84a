export function urbackupReport(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    incremental: 1, resumed: false, image: 0, infos: 2, warnings: 0, errors: 0, report_mail: '', clientname: 'GLOBEX-PC4', success: true, clientip: '10.1.4.9', clientos: 'Windows 11 Pro', clientversion: '2.5.27', clientid: 14, groupid: 2, groupname: 'Workshop', data: [{ time: 1795222800, msg: 'Starting scheduled incremental file backup...', ll: 0 }, { time: 1795226400, msg: 'Backup succeeded', ll: 0 }], ...more,
  }; // prettier-ignore
}

export function urbackupAlert(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    clientid: 14, clientname: 'GLOBEX-PC4', incr_file_interval: 18000, full_file_interval: 2592000, incr_image_interval: 604800, full_image_interval: 5184000, no_images: false, no_file_backups: false, os_simple: 'windows', groupid: 2, groupname: 'Workshop', passed_time_lastseen: 60, passed_time_lastbackup_file: 200000, lastbackup_file: 1795026400, lastbackup_image: 0, image_support: true, file_ok: false, image_ok: true, alert_file_mult: 3, alert_emails: '', ...more,
  }; // prettier-ignore
}

export const URBACKUP_FIXTURES: Record<string, unknown> = {
  success: urbackupReport(),
  failed: urbackupReport({
    success: false,
    image: 1,
    incremental: 0,
    errors: 1,
    warnings: 1,
    data: [
      { time: 1795222800, msg: 'Starting full image backup of volume "C:"...', ll: 0 },
      { time: 1795222860, msg: 'Retrying', ll: 1 },
      { time: 1795222900, msg: 'Cannot read \\\\?\\Volume{1}: "disk error"', ll: 2 },
    ],
  }),
  empty: urbackupReport({ data: [], clientid: 0 }),
  overdue: urbackupAlert(),
  bothOverdue: urbackupAlert({ image_ok: false }),
  calm: urbackupAlert({ file_ok: true }),
};
