import { type Agent, emptyJobResult, type JobResult, type Status } from '@backhaul/domain';
import { issue, settle } from '../reports/finish.js';
import type { LocalClock } from '../reports/times.js';
import { bytesOf, durationMsOf, type Guest, guestsIn } from './guest-table.js';

const STATUS_OF = new Map<string, Status>([
  ['ok', 'success'],
  ['err', 'failed'],
  // Its turn never came.
  ['todo', 'failed'],
]);

/** A backup run of one node: the table of guests makes counts, and children from two guests on (N14). */
export function readVzdump(
  result: JobResult,
  title: string,
  message: string,
  agent: Agent,
  clock: LocalClock,
): void {
  const { outcome, counts, bytes, timing } = result;
  const guests = guestsIn(message);
  const failed = guests.filter(({ status }) => status !== 'ok');
  if (/: backup failed/.test(title)) outcome.status = 'failed';
  if (outcome.status === 'failed' && failed.length < guests.length) outcome.status = 'partial';
  timing.durationMs = durationMsOf(valueIn(message, 'Total running time: ') ?? '');
  if (timing.endedAt !== null && timing.durationMs !== null)
    timing.startedAt = clock.readUnix((Date.parse(timing.endedAt) - timing.durationMs) / 1000);
  bytes.examined = bytesOf(valueIn(message, 'Total size: ') ?? '');
  counts.vms = guests.length;
  counts.filesFailed = failed.length;
  readReasons(result, failed, title, message);
  if (guests.length === 1) readGuest(result, guests[0]!);
  if (guests.length > 1) result.children = guests.map((guest) => childOf(guest, result, agent, clock));
}

function valueIn(message: string, label: string): string | null {
  const start = message.indexOf(`\n${label}`);
  if (start < 0) return null;
  const end = message.indexOf('\n', start + 1);
  return message.slice(start + 1 + label.length, end < 0 ? undefined : end);
}

/** `ERROR: Backup of VM 101 failed - no space left`, from the log below the table. */
function readReasons(result: JobResult, failed: readonly Guest[], title: string, message: string): void {
  if (failed.length > 0) result.issues = [];
  for (const guest of failed) {
    const mark = `ERROR: Backup of VM ${guest.vmid} failed - `;
    const reason = textAfter(message, mark) ?? (guest.status === 'todo' ? 'not backed up' : 'backup failed');
    result.issues.push(issue('ERROR', guest.vmid, reason, guest.name));
  }
  const reason = textAfter(title, 'backup failed: ');
  if (failed.length === 0 && reason !== null) result.issues = [issue('ERROR', null, reason)];
}

function textAfter(text: string, mark: string): string | null {
  const at = text.indexOf(mark);
  if (at < 0) return null;
  const end = text.indexOf('\n', at);
  return text.slice(at + mark.length, end < 0 ? undefined : end).trim() || null;
}

function readGuest(result: JobResult, guest: Guest): void {
  result.job.sourceId = guest.vmid;
  result.job.sourceName = guest.name;
  if (guest.filename !== null) result.restorePoint = { id: guest.filename, chainId: null };
}

function childOf(guest: Guest, parent: JobResult, agent: Agent, clock: LocalClock): JobResult {
  const child = emptyJobResult();
  readGuest(child, guest);
  child.job.kind = 'backup';
  child.job.nativeJobId = guest.vmid;
  child.job.jobName = guest.name;
  child.identity.hostName = parent.identity.hostName;
  child.outcome.nativeStatus = guest.status;
  child.outcome.status = STATUS_OF.get(guest.status) ?? 'unknown';
  child.issues = parent.issues.filter(({ code }) => code === guest.vmid);
  child.outcome.message = child.issues[0]?.message ?? null;
  child.timing.durationMs = guest.durationMs;
  child.bytes.examined = guest.bytes;
  settle(child, agent, clock);
  return child;
}
