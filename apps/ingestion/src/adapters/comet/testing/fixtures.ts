export function cometJob(data: Record<string, unknown> = {}, type = 4201): Record<string, unknown> {
  return {
    Actor: 'globex', OwnerOrganizationID: '', ResourceID: 'job-1', Type: type, TypeString: type === 4201 ? 'SEVT_JOB_COMPLETED' : 'SEVT_JOB_NEW', Timestamp: 1795226401,
    Data: { GUID: 'job-1', Username: 'globex', Classification: 4001, Status: 5000, StartTime: 1795222800, EndTime: 1795226400, RetryCount: 1, SourceGUID: 'src-1', DestinationGUID: 'vault-1', DeviceID: 'dev-1', ClientVersion: '25.9.8', TotalFiles: 42, TotalSize: 73014444, UploadSize: 4096, DownloadSize: 17, DestinationSizeEnd: { Size: 99, MeasureStarted: 1795226401 }, Progress: null, ...data },
  }; // prettier-ignore
}

export const COMET_FIXTURES: Record<string, unknown> = {
  success: cometJob(),
  started: cometJob(
    { Status: 6001, EndTime: 0, Progress: { BytesDone: 10, ItemsDone: 2, ItemsTotal: 42 } },
    4200,
  ),
  bare: { ...cometJob(), Data: null },
  removed: {
    Actor: 'admin',
    ResourceID: 'globex',
    Type: 4101,
    TypeString: 'SEVT_ACCOUNT_REMOVED',
    Timestamp: 1795226401,
    Data: 'globex',
  },
  hello: {
    Actor: '',
    ResourceID: '',
    Type: 4000,
    TypeString: 'SEVT_META_HELLO',
    Timestamp: 1795226401,
    Data: null,
  },
};
