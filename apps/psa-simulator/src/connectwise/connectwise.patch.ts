import { fieldError, invalidObject, type Refusal } from './connectwise.answers.js';
import { KEPT_REFERENCES, type Fields } from './connectwise.references.js';
import { PLAIN_FIELDS } from './connectwise.writes.js';

/** What a PATCH of some entity may name. */
export interface Patchable {
  entity: string;
  settable: string[];
  /** Accepted with 200, and nothing happens. */
  ignored: string[];
}

const TICKET: Patchable = {
  entity: 'ticket',
  settable: [
    ...['summary', 'status', 'board', 'company', 'priority', 'externalXRef'],
    ...PLAIN_FIELDS,
    ...KEPT_REFERENCES,
  ],
  ignored: ['closedFlag', 'closedDate', 'actualHours', 'processNotifications', 'skipCallback'],
};

/**
 * What a PATCH array sets. A path into an object changes nothing and is no error: the vendor's false 200.
 * @param paths how odd paths are taken: `strict` refuses a leading slash and a wrong case; `lenient` takes
 *   the slash and the path into an object, and answers a wrong case with 200 and no change
 */
export function patchedFields(
  body: unknown,
  paths: 'strict' | 'lenient',
  { entity, settable, ignored }: Patchable = TICKET,
): Fields {
  const known = [...settable, ...ignored];
  const bad = (message: string, field: string): Refusal =>
    invalidObject(entity, [fieldError('InvalidPatch', message, entity, field)]);
  if (!Array.isArray(body)) throw bad('A PATCH is an array of operations.', 'operations');
  const fields: Fields = {};
  for (const operation of body as unknown[]) {
    const { op, path, value } = (
      typeof operation === 'object' && operation !== null ? operation : {}
    ) as Fields;
    if (op !== 'add' && op !== 'replace' && op !== 'remove')
      throw bad(`op '${typeof op === 'string' ? op : typeof op}' is not supported`, 'op');
    if (typeof path !== 'string' || path === '') throw bad('path is required', 'path');
    const [name = '', inner] = pathParts(path, paths);
    if (!known.includes(name)) {
      if (paths === 'lenient' && isMisspelt(name, known)) continue;
      throw bad(`The path '${path}' is invalid`, 'path');
    }
    if (ignored.includes(name) || (inner !== undefined && paths === 'strict')) continue;
    const set = op === 'remove' ? null : value;
    fields[name] = inner === undefined ? set : { [inner]: set };
  }
  return fields;
}

function pathParts(path: string, paths: 'strict' | 'lenient'): string[] {
  return (paths === 'lenient' ? path.replace(/^\//, '') : path).split('/');
}

function isMisspelt(name: string, known: string[]): boolean {
  return known.some((path) => path.toLowerCase() === name.toLowerCase());
}
