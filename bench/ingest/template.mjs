/** About 1 KB, as a job's report is. */
export const TEMPLATE = JSON.stringify({
  outcome: {
    status: 'failed',
    message: 'Could not reach the destination: the connection was reset by the peer.',
    exitCode: 1,
  },
  identity: {
    hostName: 'ACME-SRV01',
    nativeDeviceId: '66f5ffc7ff474a73a3c9cba4ac7bfb65',
    osName: 'Windows',
    osVersion: 'Windows Server 2025',
  },
  job: {
    nativeJobId: 'DB-2',
    nativeRunId: '@RUN@',
    jobName: 'ACME files',
    kind: 'backup',
    destinationType: 's3',
  },
  counts: {
    filesExamined: 15399,
    filesNew: 1861,
    filesChanged: 3,
    filesDeleted: 1,
    filesFailed: 2,
    warnings: 2,
    errors: 1,
  },
  bytes: { examined: 11086692615, new: 13450481, changed: 90112, uploaded: 8290314, storedAfter: 9920312634 },
  issues: [
    {
      severity: 'ERROR',
      code: 'PathProcessingFailed',
      path: 'C:\\data\\locked.pst',
      message: 'Failed to process path: the file is in use',
    },
  ],
  log: { lines: ['connecting', 'retrying after 10 s', 'giving up'], total: 3, truncated: false },
});
