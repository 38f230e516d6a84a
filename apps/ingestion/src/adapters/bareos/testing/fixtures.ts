export function bareosJob(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    jobid: '4711', job: 'nightly-globex.2026-11-21_01.00.00_07', name: 'nightly-globex', purgedfiles: '0', type: 'B', level: 'I', clientid: '3', clientname: 'globex-srv1-fd', jobstatus: 'T', schedtime: '2026-11-21 01:00:00', starttime: '2026-11-21 01:00:03', endtime: '2026-11-21 01:12:41', realendtime: '2026-11-21 01:12:41', jobtdate: '1795220000', volsessionid: '12', volsessiontime: '1795200001', jobfiles: '815', jobbytes: '93841726', joberrors: '0', jobmissingfiles: '2', poolid: '5', poolname: 'Incremental', priorjobid: '0', filesetid: '9', fileset: 'LinuxAll', ...more,
  }; // prettier-ignore
}

export function bareosAnswer(jobs: unknown[], more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    director: 'backup-dir',
    host: 'backup1',
    zone: 'Europe/Berlin',
    agentVersion: '24.0.1',
    jsonrpc: '2.0',
    id: null,
    result: { jobs },
    ...more,
  };
}

const RUN_SCRIPT = {
  name: 'nightly',
  jobid: '17',
  clientname: 'ws4-fd',
  jobstatus: 'OK',
  type: 'Backup',
  level: 'Full',
};

export const BAREOS_FIXTURES: Record<string, unknown> = {
  success: bareosAnswer([bareosJob()]),
  several: bareosAnswer([
    bareosJob(),
    bareosJob({ jobid: '4712', jobstatus: 'f', joberrors: '3', clientname: 'globex-ws7-fd' }),
    bareosJob({ jobid: '4713', jobstatus: 'R', endtime: '0000-00-00 00:00:00' }),
  ]),
  capitals: bareosAnswer([
    { Type: 'V', JobId: 88, Name: 'check', JobStatus: 'D', JobErrors: '1', Level: 'C' },
  ]),
  runScript: RUN_SCRIPT,
  none: bareosAnswer([]),
  error: {
    jsonrpc: '2.0',
    id: null,
    error: { code: 1, message: 'failed', data: { result: {}, messages: { error: ['No such job.\n'] } } },
  },
};
