export function duplicatiReport(data: Record<string, unknown> = {}, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    Data: {
      DeletedFiles: 4, ModifiedFiles: 17, ExaminedFiles: 20481, OpenedFiles: 88, AddedFiles: 71, SizeOfModifiedFiles: 734003, SizeOfAddedFiles: 5242881,
      SizeOfExaminedFiles: 73014444032, NotProcessedFiles: 1, AddedFolders: 6, TooLargeFiles: 2, FilesWithError: 0, ModifiedFolders: 3, PartialBackup: false,
      Dryrun: false, MainOperation: 'Backup', TestResults: { ParsedResult: 'Error', Verifications: [{ Key: 'b1.dblock.zip', Value: [] }] },
      RemoteSynchronizationResults: [], ParsedResult: 'Success', Interrupted: false, Fatal: false, Version: '2.3.0.4 (2.3.0.4_stable_2026-07-09)',
      BeginTime: '2026-11-21T01:30:00.1234567Z', EndTime: '2026-11-21T01:42:10.5Z', Duration: '00:12:10.3765433', WarningsActualLength: 0, ErrorsActualLength: 0,
      BackendStatistics: { BytesUploaded: 3145728, BytesDownloaded: 65536, KnownFileSize: 51539607552, TotalQuotaSpace: 0, FreeQuotaSpace: 0, AssignedQuotaSpace: -1, ReportedQuotaError: false, ParsedResult: 'Error' },
      ...data,
    },
    Extra: { OperationName: 'Backup', 'machine-id': 'c0ffee', 'backup-id': 'DB-7', 'backup-name': 'Ledger', 'machine-name': 'GLOBEX-DC1', 'operating-system': 'Windows', 'operating-system-detailed': 'Windows Server 2022', 'destination-type': 'b2', 'destination-host-suffix': 'backblaze.example' },
    LogLines: [], Exception: null, ...more,
  };
} // prettier-ignore

const FORM = [
  'Duplicati Backup report for Ledger',
  '',
  'ExaminedFiles: 12',
  'FilesWithError: 1',
  'PartialBackup: False',
  'ParsedResult: Warning',
  'EndTime: 21.11.2026 02:42:10 (1795225330)',
  'BeginTime: 21.11.2026 02:30:00 (1795224600)',
  'Duration: 00:12:10',
  'Warnings: [',
  '    2026-11-21 02:31:00 +01 - [Warning-Duplicati.X-Locked]: Failed to process path: /srv/a',
  ']',
].join('\r\n');

export const DUPLICATI_FIXTURES: Record<string, unknown> = {
  success: duplicatiReport(),
  warning: duplicatiReport(
    { ParsedResult: 'Warning', FilesWithError: 1 },
    {
      LogLines: [
        '2026-11-21 01:31:00 +00 - [Warning-Duplicati.Library.Main-PathProcessingFailed]: Failed to process path: D:\\mail.pst',
      ],
    },
  ),
  exception: duplicatiReport(
    {},
    { Exception: 'System.IO.IOException: The network path was not found\n   at X.Y()' },
  ),
  oldFatal: {
    Data: {
      ClassName: 'Duplicati.UserInformationException',
      Message: 'No filesets found',
      HResult: -2146233088,
    },
    Extra: { OperationName: 'Backup', 'backup-name': 'Ledger' },
    LogLines: [],
  },
  form: new URLSearchParams({ message: FORM, 'machine-id': 'c0ffee' }).toString(),
  status: {
    operation: 'Backup',
    status: 'Progress',
    startedUtc: '2026-11-21T01:30:00.12Z',
    reportedUtc: '2026-11-21T01:30:30Z',
    isCompleted: false,
    recentLogLines: [],
    metadata: { duplicatiVersion: '2.3.1.0', machineId: 'c0ffee', backupId: 'DB-7', backupName: 'Ledger' },
    progress: { phase: 'Backup_Begin', progress: 0.25, fileCount: 8, filesProcessed: 2 },
  },
};
