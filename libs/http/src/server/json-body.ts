import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from '../problems/problem.js';
import { type JsonLimits, refuseHostileJson } from './json-limits.js';

export interface BodyOptions {
  limits: JsonLimits;
  /** Addresses whose handlers get the bytes as they came, whatever their content type says. */
  isRaw: (path: string) => boolean;
}

/** Replaces Fastify's parsers: JSON with limits, raw bytes where asked for, everything else 415. */
export function useBodies(fastify: FastifyInstance, options: BodyOptions): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body, done) => {
    try {
      done(null, readBody(request, body as Buffer, options));
    } catch (error) {
      done(error as Error);
    }
  });
}

function readBody(request: FastifyRequest, body: Buffer, options: BodyOptions): unknown {
  if (options.isRaw(request.url)) return body;
  if (body.length === 0) return undefined;
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') throw Problem.unsupportedMediaType('Send the body without Content-Encoding.');
  if (!isJson(request.headers['content-type'])) throw Problem.unsupportedMediaType();
  return parseJson(body, options.limits);
}

function isJson(contentType: string | undefined): boolean {
  const [type = '', ...parameters] = (contentType ?? '').toLowerCase().split(';');
  const isJsonType = /^application\/([a-z0-9.-]+\+)?json$/.test(type.trim());
  const charset = parameters
    .map((p) => /^charset="?([^"]*)"?$/.exec(p.trim())?.[1])
    .find((c) => c !== undefined);
  return isJsonType && (charset === undefined || charset === 'utf-8' || charset === 'utf8');
}

/** Parses bytes as JSON within limits; throws a 400 problem that says where it broke. */
export function parseJson(body: Buffer, limits: JsonLimits): unknown {
  if (!isUtf8(body)) {
    throw Problem.badRequest(
      [{ pointer: '', detail: 'is not valid UTF-8', rule: 'utf8' }],
      'The body is not UTF-8.',
    );
  }
  const text = body.toString('utf8').replace(/^\ufeff/, '');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw syntaxProblem(text, error as Error);
  }
  refuseHostileJson(text, limits);
  return value;
}

function syntaxProblem(text: string, error: Error): Problem {
  const position = positionIn(error) ?? (text.length <= MAX_LOCATED ? firstBadPosition(text) : null);
  const detail = position === null ? 'is malformed' : describePosition(text, position);
  return Problem.badRequest([{ pointer: '', detail, rule: 'json' }], `The JSON ${detail}.`);
}

function describePosition(text: string, position: number): string {
  const before = text.slice(0, position).split('\n');
  const where = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1} (position ${position})`;
  return position >= text.length ? `ends too early, at ${where}` : `breaks at ${where}`;
}

/** V8 names the position in some of its messages only. */
function positionIn(error: Error): number | null {
  const found = /at position (\d+)/.exec(error.message)?.[1];
  return found === undefined ? null : Number(found);
}

/** Looking for it costs about 16 parses, so only in texts that a person may have typed. */
const MAX_LOCATED = 64 * 1024;

/** The longest prefix that could still become JSON ends where the text breaks. */
function firstBadPosition(text: string): number {
  let good = 0;
  let bad = text.length + 1;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (couldBecomeJson(text.slice(0, middle))) good = middle;
    else bad = middle;
  }
  return good;
}

function couldBecomeJson(prefix: string): boolean {
  try {
    JSON.parse(prefix);
    return true;
  } catch (error) {
    const { message } = error as Error;
    return (
      /end of JSON input|Unterminated string/.test(message) ||
      (positionIn(error as Error) ?? -1) >= prefix.length
    );
  }
}
