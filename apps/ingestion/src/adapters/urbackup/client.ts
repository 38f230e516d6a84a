import type { JobResult } from '@backhaul/domain';
import type { Fields } from '../reports/fields.js';

export type BackupKind = 'file' | 'image';

/** Reads whose backup it is. Clients are counted on each server from 1, so their number is no device of its own. */
export function readClient(fields: Fields, result: JobResult, kind: BackupKind): void {
  const { identity, job } = result;
  const id = clientIdOf(fields);
  identity.hostName = fields.text('clientname');
  identity.nativeAccount = identity.hostName;
  identity.clientIp = fields.text('clientip');
  job.kind = 'backup';
  job.jobName = kind;
  job.nativeJobId = `${id ?? ''}:${kind}`;
  job.sourceId = id;
  job.sourceName = fields.text('groupname');
}

export function clientIdOf(fields: Fields): string | null {
  const id = fields.peek('clientid');
  return typeof id === 'number' || typeof id === 'string' ? String(id) : null;
}

/** Lua has true and 1, and UrBackup both. */
export function isOn(value: unknown): boolean {
  return value === true || (typeof value === 'number' && value > 0);
}
