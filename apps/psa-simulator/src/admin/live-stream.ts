import type { FastifyInstance } from 'fastify';
import type { TicketStore } from '../tickets/ticket-store.js';

const THROTTLE_MS = 150;
const HEARTBEAT_MS = 15_000;

/** Server-sent events: one `changed` whenever tickets changed, at most every 150 ms. */
export function serveLiveStream(app: FastifyInstance, store: TicketStore): void {
  const listeners = new Set<(text: string) => void>();
  let timer: NodeJS.Timeout | null = null;
  const tell = (text: string): void => listeners.forEach((write) => write(text));
  const unsubscribe = store.onChange(() => {
    timer ??= setTimeout(() => {
      timer = null;
      tell('event: changed\ndata: {}\n\n');
    }, THROTTLE_MS);
  });
  const heartbeat = setInterval(() => tell(': still here\n\n'), HEARTBEAT_MS);
  const streams = new Set<() => void>();
  app.get('/admin/stream', (request, reply) => {
    reply.hijack();
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    reply.raw.write('retry: 1000\n\nevent: changed\ndata: {}\n\n');
    const write = (text: string): void => void reply.raw.write(text);
    const end = (): void => void reply.raw.end();
    listeners.add(write);
    streams.add(end);
    request.raw.once('close', () => {
      listeners.delete(write);
      streams.delete(end);
    });
  });
  app.addHook('preClose', async () => {
    unsubscribe();
    clearInterval(heartbeat);
    if (timer) clearTimeout(timer);
    streams.forEach((end) => end());
  });
}
