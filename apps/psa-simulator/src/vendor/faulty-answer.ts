import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import type { Fault } from '../faults/fault.js';
import { type Answer, send } from './answer.js';
import { isOutsized, sendOutsized } from './outsized-answer.js';
import type { Vendor } from './vendor-surface.js';

const LOGIN_PAGE =
  '<!doctype html><title>Sign in</title><h1>Sign in</h1><p>The service is being maintained.</p>';

/** Fails one request the way `fault` says, having done the work first where it says so. */
export async function sendFaulty(
  reply: FastifyReply,
  fault: Fault,
  vendor: Vendor,
  handle: () => Answer,
): Promise<FastifyReply | undefined> {
  if (isOutsized(fault.kind)) {
    if (fault.when === 'after') handle();
    return sendOutsized(reply, fault.kind);
  }
  switch (fault.kind) {
    case 'down':
      return cut(reply);
    case 'rate_limit':
      return send(reply, vendor.tooMany(fault.retryAfter));
    case 'status':
      if (fault.when === 'after') handle();
      return send(reply, withRetryAfter(vendor.failure(fault.status, fault.text), fault.retryAfter));
    case 'redirect':
      if (fault.when === 'after') handle();
      return send(reply, redirect(fault));
    case 'hang':
      return hang(reply, fault, handle);
    case 'html_200':
      if (fault.when === 'after') handle();
      return send(reply, { status: 200, headers: { 'content-type': 'text/html' }, body: LOGIN_PAGE });
    case 'empty_200':
      if (fault.when === 'after') handle();
      return send(reply, { status: 200, headers: {}, body: '' });
    case 'rate_limit_page':
      return send(reply, limitPage(fault.retryAfter));
    case 'drop_reply':
      handle();
      return cut(reply);
    case 'truncate':
      return truncate(reply, handle());
    default:
      return send(reply, fault.kind === 'no_id' ? withoutId(handle()) : handle());
  }
}

/** What the network in front of a PSA's cloud says, before the PSA sees the request. */
function limitPage(retryAfter: string | null): Answer {
  const wait = retryAfter === null ? 'a while' : `${retryAfter} seconds`;
  const body = `<!doctype html><title>Rate limited</title><p>You are being rate limited. Wait ${wait}.</p>`;
  return { status: 429, headers: { 'content-type': 'text/html' }, body };
}

const redirect = ({ status, location }: Fault): Answer => ({
  status,
  headers: { location: location ?? 'http://169.254.169.254/' },
  body: '',
});

function cut(reply: FastifyReply): undefined {
  reply.hijack();
  reply.raw.socket?.resetAndDestroy();
}

async function hang(
  reply: FastifyReply,
  fault: Fault,
  handle: () => Answer,
): Promise<FastifyReply | undefined> {
  const done = fault.when === 'after' ? handle() : null;
  if (fault.delayMs === null) {
    reply.hijack();
    return undefined;
  }
  await wait(fault.delayMs, undefined, { ref: false });
  return send(reply, done ?? handle());
}

function truncate(reply: FastifyReply, answer: Answer): undefined {
  const whole = Buffer.from(answer.body === '' ? ' '.repeat(64) : answer.body);
  reply.hijack();
  reply.raw.writeHead(answer.status, { ...answer.headers, 'content-length': whole.length });
  reply.raw.write(whole.subarray(0, Math.floor(whole.length / 2)), () => reply.raw.socket?.destroy());
}

function withRetryAfter(answer: Answer, retryAfter: string | null): Answer {
  return retryAfter === null
    ? answer
    : { ...answer, headers: { ...answer.headers, 'retry-after': retryAfter } };
}

function withoutId(answer: Answer): Answer {
  const body: unknown = answer.body === '' ? {} : JSON.parse(answer.body);
  if (typeof body !== 'object' || body === null) return answer;
  const fields = Object.entries(body).filter(([name]) => name !== 'id' && name !== 'itemId');
  return { ...answer, body: JSON.stringify(Object.fromEntries(fields)) };
}
