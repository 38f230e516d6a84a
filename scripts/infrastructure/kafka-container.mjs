import { createHash } from 'node:crypto';
import { resolve } from 'node:path';

/** One name for container and volume, from the folder that owns them: two clones never meet. */
export function kafkaContainer(dir) {
  return `backhaul-kafka-${createHash('sha256').update(resolve(dir)).digest('hex').slice(0, 8)}`;
}
