import { Problem, type ProblemError } from '../problems/problem.js';
import type { BodyClass } from './class-schema.js';

export type RawQuery = Record<string, string | string[] | undefined>;

/** Refuses what http-api says of every address: a repeated parameter, or one that it does not know. */
export function refuseOddQuery(query: RawQuery, known: ReadonlySet<string> | null): void {
  const errors = Object.entries(query).flatMap(([name, value]): ProblemError[] => {
    const pointer = `/${name}`;
    if (known && !known.has(name))
      return [{ pointer, detail: 'is not a known query parameter', rule: 'unknown' }];
    return Array.isArray(value) ? [{ pointer, detail: 'must be given once', rule: 'repeated' }] : [];
  });
  if (errors.length > 0) throw Problem.badRequest(errors);
}

/** Query text as the types the class declares; text that is none of them stays text, and is refused after. */
export function typedQuery(Class: BodyClass, query: RawQuery): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(query).map(([name, text]) => [
      name,
      typeof text === 'string'
        ? typed(Reflect.getMetadata('design:type', Class.prototype as object, name), text)
        : text,
    ]),
  );
}

function typed(type: unknown, text: string): unknown {
  if (type === Number) return /^-?\d{1,15}(\.\d{1,9})?$/.test(text) ? Number(text) : text;
  if (type === Boolean) return text === 'true' ? true : text === 'false' ? false : text;
  return text;
}
