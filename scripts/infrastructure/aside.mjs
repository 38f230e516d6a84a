import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';

/** Where root keeps PostgreSQL's files when the clone stands in a folder that only root may enter. */
export function asideOf(dir) {
  return join('/var/tmp', `backhaul-${createHash('sha256').update(resolve(dir)).digest('hex').slice(0, 12)}`);
}
