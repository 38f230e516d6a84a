import { type Agent, emptyJobResult, type Issue, type JobResult } from '@backhaul/domain';
import { Fields } from '../reports/fields.js';
import { issue, setLog, settle } from '../reports/finish.js';
import { isObject } from '../reports/json.js';
import type { LocalClock } from '../reports/times.js';
import { hasStopped, statusOfResult, statusOfState } from './words.js';

const SEVERITY_OF = new Map<unknown, Issue['severity']>([
  ['Warning', 'WARNING'],
  ['Failed', 'ERROR'],
]);
/** More machines than a job has; what is cut is in the rest. */
const MOST_TASKS = 1000;

/** `SessionLogResult`: its records stay in the rest; those that warn become issues. */
export function readRecords(log: unknown, result: JobResult, clock: LocalClock): void {
  const records = isObject(log) ? log['records'] : log;
  if (!Array.isArray(records)) return;
  const lines: string[] = [];
  for (const record of records.filter(isObject).map((one) => new Fields(one))) {
    const parts = [record.peekText('title'), record.peekText('description')];
    const message = parts.filter((text) => text !== null).join(': ');
    if (message === '') continue;
    lines.push(message);
    const severity = SEVERITY_OF.get(record.peek('status'));
    if (severity && result.issues.length <= 100)
      result.issues.push(issue(severity, null, message, null, record.time('updateTime', clock)));
  }
  setLog(result, lines);
}

/** The machines of a job: one is the event's own, several are children (N14). All stay in the rest. */
export function readTasks(given: unknown, result: JobResult, agent: Agent, clock: LocalClock): void {
  const list = isObject(given) ? given['data'] : given;
  if (!Array.isArray(list)) return;
  const tasks = list.filter(isObject).slice(0, MOST_TASKS);
  const children = tasks.map((task) => childOf(new Fields(task), agent, clock));
  if (children.length === 0) return;
  result.counts.objects = children.length;
  result.counts.filesFailed = children.filter(({ outcome }) => outcome.status === 'failed').length;
  if (children.length > 1) result.children = children;
  else result.job.sourceName = children[0]?.job.sourceName ?? null;
}

function childOf(task: Fields, agent: Agent, clock: LocalClock): JobResult {
  const child = emptyJobResult();
  const { job, timing, outcome, identity } = child;
  const native = task.peek('result');
  const verdict = isObject(native) ? native['result'] : native;
  const state = task.peek('state');
  job.kind = 'backup';
  job.sourceName = task.peekText('name');
  job.jobName = job.sourceName;
  job.nativeRunId = task.peekText('id');
  identity.hostName = job.sourceName;
  timing.startedAt = task.time('creationTime', clock);
  timing.endedAt = task.time('endTime', clock);
  outcome.nativeStatus = typeof verdict === 'string' ? verdict : null;
  outcome.status = statusOfState(state) ?? (hasStopped(state) ? statusOfResult(verdict) : 'unknown');
  outcome.message = isObject(native) ? new Fields(native).peekText('message') : null;
  settle(child, agent, clock);
  return child;
}
