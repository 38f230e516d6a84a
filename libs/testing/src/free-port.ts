import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/** Below the ports that Linux and others give to outgoing connections: nothing takes one of these by chance. */
const FIRST = 10_000;
const END = 32_768;
const given = new Set<number>();

/** A port that nobody holds now, and that this process has given to nobody before. It may stand free for a while. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST, END);
    if (given.has(port)) continue;
    given.add(port);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const probe = createServer().on('error', () => done(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => done(true)));
  });
}
