const NO_ID = '00000000-0000-0000-0000-000000000000';

export function veeamSession(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: '7f0f5c1e-0000-4000-8000-000000000001', name: 'Globex servers', activityId: '7f0f5c1e-0000-4000-8000-0000000000aa', sessionType: 'BackupJob', creationTime: '2026-11-21T01:00:00.1234567+01:00', endTime: '2026-11-21T01:31:00.5+01:00', state: 'Stopped', progressPercent: 100, result: { result: 'Success', message: 'Success', isCanceled: false }, resourceId: '7f0f5c1e-0000-4000-8000-0000000000bb', resourceReference: '/api/v1/jobs/7f0f5c1e-0000-4000-8000-0000000000bb', parentSessionId: NO_ID, usn: 5099, ...more,
  }; // prettier-ignore
}

export function veeamResult(result: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return veeamSession({ result: { result, message: `It says ${result}`, isCanceled: false, ...more } });
}

export function veeamSessions(
  sessions: unknown[],
  more: Record<string, unknown> = {},
): Record<string, unknown> {
  const pagination = { total: sessions.length, count: sessions.length, skip: 0, limit: 500 };
  return {
    vbrHostName: 'vbr7.globex.example',
    vbrVersion: '12.3.1.1139',
    data: sessions,
    pagination,
    ...more,
  };
}

const TASK = {
  id: 't-1',
  name: 'globex-dc1',
  state: 'Stopped',
  result: { result: 'Failed', message: 'No snapshot', isCanceled: false },
  creationTime: '2026-11-21T01:02:00Z',
  endTime: '2026-11-21T01:04:00Z',
  progress: { readSize: 4321 },
};
const LOG = {
  totalRecords: 2,
  records: [
    { id: 1, status: 'Succeeded', startTime: '2026-11-21T01:00:01Z', updateTime: '2026-11-21T01:00:02Z', title: 'Job started', description: '' },
    { id: 2, status: 'Failed', startTime: '2026-11-21T01:03:01Z', updateTime: '2026-11-21T01:03:02Z', title: 'Processing globex-dc1', description: 'No snapshot' },
  ],
}; // prettier-ignore

export function veeamLine(instanceId: number, values: string, description: string): string {
  return `1 2026-11-21T04:06:07.289460+02:00 VBR7 Veeam_MP - - [origin enterpriseId="31023"] [categoryId=0 instanceId=${instanceId} ${values} VbrHostName="vbr7.globex.example" VbrVersion="13.0.1.180" Version="1" Description="${description}"]`;
}

export const VEEAM_EM_SESSION = `<?xml version="1.0"?>
<BackupJobSession xmlns="http://www.veeam.com/ent/v1.0" Type="BackupJobSession" Name="Globex servers@2026-11-21" UID="urn:veeam:BackupJobSession:7f0f5c1e-0000-4000-8000-000000000001">
  <Links><Link Rel="Up" Type="BackupServerReference" Href="https://em/1" Name="vbr7"/></Links>
  <JobUid>urn:veeam:Job:7f0f5c1e-0000-4000-8000-0000000000bb</JobUid><JobName>Globex &amp; servers</JobName><JobType>Backup</JobType>
  <CreationTimeUTC>2026-11-21T01:00:00Z</CreationTimeUTC><EndTimeUTC>2026-11-21T01:31:00Z</EndTimeUTC>
  <State>Stopped</State><Result>Warning</Result><Progress>100</Progress><IsRetry>true</IsRetry>
</BackupJobSession>`;

export const VEEAM_JOB_STATE = {
  id: '7f0f5c1e-0000-4000-8000-0000000000bb', name: 'Globex servers', type: 'Backup', description: 'every night', status: 'inactive', lastRun: '2026-11-21T01:00:00+00:00', lastResult: 'Failed', nextRun: '2026-11-22T01:00:00+00:00', workload: 'vm', repositoryId: 'repo-1', repositoryName: 'Repo 1', objectsCount: 6, sessionId: '7f0f5c1e-0000-4000-8000-000000000001',
}; // prettier-ignore

export const VEEAM_FIXTURES: Record<string, unknown> = {
  success: veeamSessions([veeamSession()]),
  several: veeamSessions([
    veeamSession(),
    veeamSession({ id: 'b', state: 'Working', progressPercent: 41, endTime: undefined }),
    veeamSession({
      id: 'c',
      taskSessions: { data: [TASK, { ...TASK, id: 't-2', name: 'globex-dc2' }] },
      log: LOG,
    }),
  ]),
  bare: veeamResult('Failed'),
  list: [veeamSession(), veeamSession({ id: 'b', name: 'Other' })],
  oneTask: veeamSessions([veeamSession({ taskSessions: { data: [TASK] } })]),
  jobStates: veeamSessions([VEEAM_JOB_STATE]),
  empty: veeamSessions([]),
  emSession: VEEAM_EM_SESSION,
  syslog: veeamLine(
    190,
    'JobSessionID="s-1" JobID="j-1" JobResult="2" WillBeRetried="True" JobName="Say "hi""',
    'Failed.',
  ),
};
