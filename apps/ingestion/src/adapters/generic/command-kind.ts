import type { JobKind } from '@backhaul/domain';

const KIND_OF = new Map<string, JobKind>([
  ['backup', 'backup'],
  ['create', 'backup'],
  ['forget', 'retention'],
  ['prune', 'retention'],
  ['delete', 'retention'],
  ['compact', 'gc'],
  ['check', 'verify'],
  ['verify', 'verify'],
  ['restore', 'restore'],
  ['extract', 'restore'],
  ['copy', 'copy'],
  ['sync', 'sync'],
  ['init', 'maintenance'],
  ['list', 'maintenance'],
  ['info', 'maintenance'],
  ['snapshots', 'maintenance'],
  ['stats', 'maintenance'],
  ['unlock', 'maintenance'],
]);

/** What the subcommand of a backup program does; null when nobody knows. */
export function kindOfCommand(command: string | null): JobKind | null {
  return command === null ? null : (KIND_OF.get(command.trim().toLowerCase()) ?? null);
}
