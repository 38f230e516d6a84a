import { isUtf8 } from 'node:buffer';
import { Problem } from '@backhaul/http';
import type { FastifyRequest } from 'fastify';

const MOST_PARAMETERS = 200;

/** The parameters of a form, each at most once. @throws Problem 400 where it is empty or repeats one, 415 */
export function formOf({ body, headers }: FastifyRequest): ReadonlyMap<string, string> {
  if (!Buffer.isBuffer(body) || body.length === 0) throw Problem.badRequest([], 'The body is empty.');
  const type = (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  const isPlain = (headers['content-encoding'] ?? 'identity') === 'identity';
  if (type !== 'application/x-www-form-urlencoded' || !isPlain)
    throw Problem.unsupportedMediaType('Send application/x-www-form-urlencoded.');
  if (!isUtf8(body)) throw Problem.badRequest([], 'The body is not UTF-8.');
  const given = [...new URLSearchParams(body.toString('utf8'))];
  if (given.length > MOST_PARAMETERS) throw Problem.badRequest([], 'The body has too many parameters.');
  const form = new Map(given);
  if (form.size < given.length)
    throw Problem.badRequest([], 'A parameter stands more than once in the body.');
  return form;
}

/** @throws Problem 400 that names every one that is missing or blank */
export function needed(form: ReadonlyMap<string, string>, names: readonly string[]): void {
  const missing = names.filter((name) => (form.get(name) ?? '').trim() === '');
  if (missing.length > 0)
    throw Problem.badRequest(
      missing.map((name) => ({ pointer: `/${name}`, detail: 'is required', rule: 'required' })),
      'A parameter is missing:',
    );
}
