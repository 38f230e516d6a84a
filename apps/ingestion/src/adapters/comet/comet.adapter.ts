import { emptyJobResult, type EventType } from '@backhaul/domain';
import { type AdaptedReport, type AgentAdapter, type NativeReport, UnreadableReport } from '../adapter.js';
import { Fields } from '../reports/fields.js';
import { finish, observe } from '../reports/finish.js';
import { isObject, parseObject } from '../reports/json.js';
import { runKey } from '../reports/run-key.js';
import { LocalClock } from '../reports/times.js';
import { readJob } from './job.js';

const JOB_NEW = 4200;
const JOB_COMPLETED = 4201;

const TYPE_OF = new Map<number, EventType>([
  [4100, 'account.created'],
  [4101, 'account.erased'],
  [4702, 'agent.online'],
  [4703, 'agent.offline'],
]);

/** The webhook's StreamableEvent, of every type. */
export const cometAdapter: AgentAdapter = {
  agents: ['comet'],
  name: 'comet',
  version: '1',
  adapt(report: NativeReport): AdaptedReport {
    const fields = new Fields(parseObject(report.text));
    if (!fields.has('Type') && !fields.has('TypeString')) throw new UnreadableReport('not_a_report');
    const type = fields.peek('Type');
    return type === JOB_NEW || type === JOB_COMPLETED ? adaptJob(fields, report) : adaptOther(fields, report);
  },
};

function adaptJob(fields: Fields, report: NativeReport): AdaptedReport {
  const result = emptyJobResult();
  const clock = new LocalClock(report.zone);
  const data = fields.inner('Data');
  const warnings = readJob(data, result, clock);
  const isNew = fields.peek('Type') === JOB_NEW;
  if (isNew && result.outcome.status === 'running') result.outcome.phase = 'started';
  if (result.job.nativeRunId === null) result.job.nativeRunId = fields.text('ResourceID');
  // Level "none" sends no details (T19): its key must not hide the full report.
  const isBare = !isObject(fields.peek('Data'));
  if (isBare) {
    result.timing.endedAt = isNew ? null : fields.unixTime('Timestamp', clock);
    warnings.push('details_missing');
    if (isNew) Object.assign(result.outcome, { phase: 'started', status: 'running' });
  }
  const detail = isBare ? 'bare' : result.outcome.phase;
  return finish(result, {
    agent: report.agent,
    clock,
    rest: fields.rest(),
    nativeKey: runKey(result.job.nativeRunId, String(fields.peek('Type')), detail),
    agentVersion: data.peekText('ClientVersion'),
    warnings,
  });
}

/** Accounts, devices, servers, policies: some are types of ours, the rest is kept as something that was seen. */
function adaptOther(fields: Fields, report: NativeReport): AdaptedReport {
  const result = emptyJobResult();
  const clock = new LocalClock(report.zone);
  const native = fields.peek('Type');
  const type = typeof native === 'number' ? TYPE_OF.get(native) : undefined;
  observe(result, type ?? 'service.status_update');
  result.outcome.nativeStatus = fields.text('TypeString');
  result.outcome.nativeCode = typeof native === 'number' ? String(native) : null;
  result.timing.endedAt = fields.unixTime('Timestamp', clock);
  const resource = fields.text('ResourceID');
  if (type?.startsWith('agent.')) result.identity.nativeDeviceId = resource;
  else result.job.sourceId = resource;
  result.identity.nativeAccount = accountOf(fields, type, resource);
  const key = runKey(String(native), resource, result.timing.endedAt);
  const warnings = typeof native === 'number' && native >= 4000 && native < 4900 ? [] : ['unknown_type'];
  return finish(result, {
    agent: report.agent,
    clock,
    rest: fields.rest(),
    nativeKey: key,
    agentVersion: null,
    warnings,
  });
}

function accountOf(fields: Fields, type: EventType | undefined, resource: string | null): string | null {
  return type?.startsWith('account.') ? resource : fields.text('Actor');
}
