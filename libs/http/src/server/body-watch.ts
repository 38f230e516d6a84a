import { getHeapStatistics } from 'node:v8';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../problems/problem.js';

export interface BodyLimits {
  /** For a body, however slow its line is. */
  graceMs: number;
  /** What comes buys more time, at this rate. */
  bytesPerS: number;
  /** Of all bodies together, from their first byte to the answer. */
  heldBytes: number;
}

const MIB = 1024 * 1024;
/** A text that is read, understood and written stands in the heap several times for a moment. */
const SHARE_OF_HEAP = 8;

/** A thin line brings the largest report within a minute; one that brings a byte a second is no line. */
export const BODY_LIMITS: BodyLimits = {
  graceMs: 10_000,
  bytesPerS: 48 * 1024,
  heldBytes: Math.min(256 * MIB, Math.floor(getHeapStatistics().heap_size_limit / SHARE_OF_HEAP)),
};

const LOOKS = 10;
const MOST_BETWEEN_LOOKS_MS = 1000;
const RETRY_AFTER_S = 5;
const TOO_MUCH = 'Too much is being sent at once; send it again later.';

interface Held {
  body: FastifyRequest['raw'];
  reply: FastifyReply;
  since: number;
  bytes: number;
  isRead: boolean;
}

/** Nobody may send a body so slowly that it never ends (408), and all together may not be more than there is room for (503). */
export class BodyWatch {
  private readonly held = new Set<Held>();
  private heldBytes = 0;
  private readonly limits: BodyLimits;

  constructor(limits: Partial<BodyLimits> = {}) {
    this.limits = { ...BODY_LIMITS, ...limits };
  }

  guard(fastify: FastifyInstance): void {
    const everyMs = Math.min(MOST_BETWEEN_LOOKS_MS, this.limits.graceMs / LOOKS);
    const timer = setInterval(() => this.refuseSlow(), everyMs).unref();
    fastify.addHook('onClose', (_instance, done) => (clearInterval(timer), done()));
    fastify.addHook('preParsing', (request, reply, _payload, done) => {
      if (isToBeRead(request)) this.hold(request.raw, reply);
      done();
    });
  }

  private hold(body: FastifyRequest['raw'], reply: FastifyReply): void {
    const held: Held = { body, reply, since: performance.now(), bytes: 0, isRead: false };
    this.held.add(held);
    body.on('data', (chunk: Buffer) => this.take(held, chunk.length));
    body.once('end', () => (held.isRead = true));
    // Who reads the body may have had enough of it before we do.
    body.on('error', () => undefined);
    reply.raw.once('close', () => this.release(held));
  }

  private take(held: Held, bytes: number): void {
    if (!this.held.has(held)) return;
    held.bytes += bytes;
    this.heldBytes += bytes;
    // The connection stays: what still comes is thrown away, or a sender that is busy would not read its answer.
    if (this.heldBytes > this.limits.heldBytes) this.refuse(held, Problem.tooBusy(RETRY_AFTER_S, TOO_MUCH));
  }

  private release(held: Held): void {
    if (this.held.delete(held)) this.heldBytes -= held.bytes;
  }

  private refuseSlow(): void {
    const now = performance.now();
    const { graceMs, bytesPerS } = this.limits;
    for (const held of this.held) {
      const allowedMs = graceMs + (held.bytes / bytesPerS) * 1000;
      if (held.isRead || now - held.since <= allowedMs) continue;
      held.reply.header('connection', 'close');
      this.refuse(held, Problem.requestTimeout());
    }
  }

  /** Ends the reading of the body with that answer. */
  private refuse(held: Held, problem: Problem): void {
    this.release(held);
    held.body.emit('error', problem);
  }
}

/** One that says that it is too large is refused unread. */
function isToBeRead({ headers, routeOptions }: FastifyRequest): boolean {
  const length = Number(headers['content-length'] ?? 0);
  return (
    headers['transfer-encoding'] !== undefined || (length > 0 && length <= (routeOptions.bodyLimit ?? length))
  );
}
