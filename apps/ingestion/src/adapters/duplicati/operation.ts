import type { JobKind, JobResult } from '@backhaul/domain';
import type { Fields } from '../reports/fields.js';
import { runKey } from '../reports/run-key.js';

const KIND_OF = new Map<string, JobKind>([
  ['Backup', 'backup'],
  ['Restore', 'restore'],
  ['RestoreControlFiles', 'restore'],
  ['Test', 'verify'],
  ['Delete', 'retention'],
  ['Compact', 'gc'],
  ['RemoteSynchronization', 'sync'],
  ['Repair', 'maintenance'],
  ['Vacuum', 'maintenance'],
  ['List', 'maintenance'],
  ['CreateLogDb', 'maintenance'],
]);

export function kindOf(operation: string | null): JobKind {
  return operation === null ? 'backup' : (KIND_OF.get(operation) ?? 'maintenance');
}

/** Sets kind and run; returns the run's key (T3: a repeated report of a run is the same report). */
export function readOperation(data: Fields, extra: Fields, result: JobResult): string | null {
  const operation = data.peekText('MainOperation') ?? extra.peekText('OperationName');
  const { job, identity, timing } = result;
  job.kind = kindOf(operation);
  const machine = identity.nativeDeviceId ?? identity.hostName ?? '';
  // As written: two runs can begin within one millisecond of two jobs, never of one.
  const begin = data.peekText('BeginTime');
  const key = timing.startedAt === null ? null : runKey(machine, job.nativeJobId, begin, operation ?? '');
  job.nativeRunId = key;
  return key;
}
