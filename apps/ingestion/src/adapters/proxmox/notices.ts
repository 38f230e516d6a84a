import { type EventType, type JobResult, type Severity } from '@backhaul/domain';
import { observe } from '../reports/finish.js';

const DISK = /\bSMART\b|smartd/i;
const ARRAY = /\bzfs\b|\bzpool\b|\bmdadm\b|\braid\b|DegradedArray|\bDEGRADED\b|\bFAULTED\b/i;

/** Notifications that tell of no job. @returns whether this was one */
export function readNotice(type: string | null, result: JobResult, title: string, message: string): boolean {
  const found = noticeOf(type, result, `${title}\n${message.slice(0, 4096)}`);
  if (found === null) return false;
  observe(result, found.type, found.severity);
  if (type === 'fencing') readFencedNode(result, title);
  return true;
}

interface Notice {
  type: EventType;
  severity?: Severity;
}

function noticeOf(type: string | null, { outcome }: JobResult, text: string): Notice | null {
  switch (type) {
    case 'fencing':
      return { type: 'bdr.node_fenced' };
    case 'package-updates':
      return { type: 'agent.update_available' };
    case 'tape-load':
      return { type: 'bdr.tape_needed' };
    case 'acme':
      return { type: outcome.status === 'failed' ? 'cert.renewal_failed' : 'cert.renewal_ok' };
    case 'system-mail':
      if (DISK.test(text)) return { type: 'bdr.disk_smart' };
      if (ARRAY.test(text)) return { type: 'bdr.hardware_failure' };
      return { type: 'service.status_update', severity: 'WARNING' };
    // The target's own test has no type.
    case null:
      return { type: 'service.status_update', severity: outcome.status === 'failed' ? 'ERROR' : 'OK' };
    default:
      return null;
  }
}

/** `Status: Fence node 'pve2'`: the machine that failed is not the one that tells. */
function readFencedNode({ identity, job }: JobResult, title: string): void {
  const node = /node '([^']{1,255})'/.exec(title)?.[1] ?? null;
  identity.nativeDeviceId = node;
  job.sourceName = node;
}
