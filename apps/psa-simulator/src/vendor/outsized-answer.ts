import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import type { FastifyReply } from 'fastify';

const OUTSIZED = ['gzip_bomb', 'huge_body', 'many_headers', 'endless'] as const;
type Outsized = (typeof OUTSIZED)[number];

export const isOutsized = (kind: string): kind is Outsized => (OUTSIZED as readonly string[]).includes(kind);

const HUGE = 2 ** 31;
const HEADERS = 10_000;
const CHUNK = Buffer.alloc(64 << 10, ' ');
const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };
/** Members of one gzip stream, of which each is 64 MB of blanks when it is unpacked. */
const MEMBERS = HUGE / (64 << 20);
let member: Buffer | null = null;

/** Answers 200 with more than anybody can take: until the client hangs up, and never faster than it reads. */
export function sendOutsized(reply: FastifyReply, kind: Outsized): undefined {
  reply.hijack();
  const { raw } = reply;
  if (kind === 'many_headers') {
    const headers = Array.from({ length: HEADERS }, (_, n) => [`x-header-${n}`, String(n)] as const);
    raw.writeHead(200, { ...JSON_TYPE, ...Object.fromEntries(headers) }).end('{}');
    return;
  }
  const length = kind === 'huge_body' ? { 'content-length': HUGE } : {};
  raw.writeHead(200, {
    ...JSON_TYPE,
    ...length,
    ...(kind === 'gzip_bomb' && { 'content-encoding': 'gzip' }),
  });
  // Whoever is sent this hangs up: that is how it ends.
  void pipeline(Readable.from(chunksOf(kind)), raw).catch(() => undefined);
}

function* chunksOf(kind: Outsized): Generator<Buffer> {
  if (kind === 'gzip_bomb') {
    member ??= gzipSync(Buffer.alloc(64 << 20, ' '));
    for (let n = 0; n < MEMBERS; n += 1) yield member;
    return;
  }
  for (let sent = 0; kind === 'endless' || sent < HUGE; sent += CHUNK.length) yield CHUNK;
}
