import type { JobResult } from '@backhaul/domain';
import type { Fields } from '../reports/fields.js';

/** What names machine, job and destination. */
export function readExtra(extra: Fields, { identity, job }: JobResult): void {
  identity.nativeDeviceId = extra.text('machine-id');
  identity.hostName = extra.text('machine-name');
  identity.osName = extra.text('operating-system');
  identity.osVersion = extra.text('operating-system-detailed');
  identity.machineClass = machineClassOf(`${identity.osName ?? ''} ${identity.osVersion ?? ''}`);
  job.nativeJobId = extra.text('backup-id');
  job.jobName = extra.text('backup-name');
  // An id counts from DB-1 on each machine; without one the name has to do.
  job.nativeJobId ??= job.jobName;
  readDestination(extra.text('destination-type'), extra.text('destination-host-suffix'), job);
}

export function readDestination(type: string | null, host: string | null, job: JobResult['job']): void {
  job.destinationType = type;
  job.destinationName = host;
  job.destinationId = [type, host].filter((part) => part !== null).join(':') || null;
  job.scope = type === null ? 'unknown' : type === 'file' ? 'local' : 'online';
}

export function machineClassOf(system: string): JobResult['identity']['machineClass'] {
  if (/server/i.test(system)) return 'server';
  return /windows (7|8|10|11|xp|vista)|mac ?os/i.test(system) ? 'workstation' : 'unknown';
}
