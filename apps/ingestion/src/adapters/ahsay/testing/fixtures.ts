export function ahsayRow(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    ID: '2026-11-21-01-30-00', LoginName: 'globex-fs', Owner: '', UserId: '1690000000077', StartTime: '2026-11-21 01:30:00', EndTime: '2026-11-21 01:52:09', BackupJobStatus: 'BS_STOP_SUCCESS', BackupSetID: '1690000000911', BackupSetName: 'Shares', DestinationID: '-1690000000955', UploadSize: '734003', RunVersion: '9.13.0.0', ...more,
  }; // prettier-ignore
}

export function ahsayList(rows: unknown[], more: Record<string, unknown> = {}): Record<string, unknown> {
  return { server: 'cbs1', zone: 'Europe/Berlin', Status: 'OK', Data: rows, ...more };
}

const REPORT = {
  Status: 'OK', zone: 'Pacific/Auckland', LoginName: 'globex-fs', BackupSetID: '1690000000911', BackupSetName: 'Shares', DestinationID: '-1690000000955', BackupJobMode: 'S',
  Data: { ID: '2026-11-21-01-30-00', StartTime: '2026-11-21 01:30:00', EndTime: '2026-11-21 01:52:09', BackupJobStatus: 'BS_STOP_SUCCESS_WITH_WARNING', NumOfWarnEntries: 2, NumOfErrorEntries: 0, NumOfNewFiles: 17, TotalNewFilesSize: 655361, TotalUnzipNewFilesSize: 901120, NewFilesZipRatio: 27, NumOfUpdatedFiles: 5, TotalUpdatedFilesSize: 78642, NumOfDeletedFiles: 6, TotalDeletedFilesSize: 4099, NumOfMovedFiles: 8, TotalMovedFilesSize: 1, NumOfUpdatedPermissionFiles: 9, Colour: 'blue' },
}; // prettier-ignore

export const AHSAY_XML_REPORT = `<?xml version="1.0"?>
<BackupJobReport ID="2026-11-21-01-30-00" StartTime="2026-11-21 01:30:00" EndTime="2026-11-21 01:52:09" BackupJobStatus="BS_STOP_SUCCESS_WITH_ERROR" NumOfNewFiles="17" TotalNewFilesSize="655361">
  <Info Timestamp="2026-11-21 01:30:00" Message="Start"/>
  <Warn Timestamp="2026-11-21 01:31:00" Message="Skipped &lt;tmp&gt; &amp; more"/>
  <Error Timestamp="2026-11-21 01:40:00" Message="Cannot read R:\\ledger.mdb"/>
  <NewFile Name="R:\\a.txt" FileSize="10" UnzipFilesSize="20" Ratio="50%"/>
</BackupJobReport>`;

export const AHSAY_XML_LIST = `<JobList BackupDate="2026-11-21"><Job ID="2026-11-21-01-30-00" LoginName="globex-fs" StartTime="2026-11-21 01:30:00" EndTime="2026-11-21 01:52:09" BackupJobStatus="BS_STOP_SUCCESS" BackupSetID="911" BackupSetName="Shares" UploadSize="7" RunVersion="6.29.0.0"/><Job ID="2026-11-21-03-00-00" LoginName="globex-fs" StartTime="2026-11-21 03:00:00" EndTime="" BackupJobStatus="" BackupSetID="912"/></JobList>`;

export const AHSAY_FIXTURES: Record<string, unknown> = {
  success: ahsayList([ahsayRow()]),
  several: ahsayList([
    ahsayRow(),
    ahsayRow({ ID: '2026-11-21-03-00-00', BackupJobStatus: '', EndTime: '', BackupSetID: '912' }),
    ahsayRow({
      ID: '2026-11-21-04-00-00',
      BackupJobStatus: 'BS_STOP_BY_QUOTA_EXCEEDED',
      EndTime: '2026-11-21 04;10:00',
    }),
  ]),
  report: REPORT,
  nothing: { Status: 'Error', Message: '[Error] No Backup Job on that day', LoginName: 'globex-fs' },
  error: { Status: 'Error', Message: 'Unknown user', ExptType: 'com.example.Expt' },
  xmlReport: AHSAY_XML_REPORT,
  xmlList: AHSAY_XML_LIST,
  xmlError: `<err>[UserCacheManager.NoSuchUserExpt] No user 'x'</err>`,
};
