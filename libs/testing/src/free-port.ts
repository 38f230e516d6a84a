import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';

const FIRST = 10_000;
/** Test processes that run at once and share no memory: Jest numbers its workers from 1. */
const SLICES = 8;
const given = new Set<number>();

/**
 * A port that nobody holds now, and that this process has given to nobody before. It may stand free for a while:
 * it is below the ports of outgoing connections, and in a slice that no other Jest worker takes from.
 */
export async function freePort(): Promise<number> {
  const size = Math.floor((firstOutgoing() - FIRST) / SLICES);
  const first = FIRST + (Number(process.env['JEST_WORKER_ID'] ?? 0) % SLICES) * size;
  for (;;) {
    const port = randomInt(first, first + size);
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port)) return port;
  }
}

/** Where the ports begin that the system gives to outgoing connections. */
function firstOutgoing(): number {
  try {
    const first = Number(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s+/)[0]);
    return first > FIRST + 1000 ? first : 32_768;
  } catch {
    return 32_768;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const probe = createServer().on('error', () => done(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => done(true)));
  });
}
