import { fieldError, invalidObject } from './connectwise.answers.js';
import { KEPT_REFERENCES, type Fields } from './connectwise.references.js';
import { PLAIN_FIELDS } from './connectwise.writes.js';

/** Accepted with 200, and nothing happens. */
const DERIVED = ['closedFlag', 'closedDate', 'actualHours', 'processNotifications', 'skipCallback'];
const PATHS = [
  ...['summary', 'status', 'board', 'company', 'priority', 'externalXRef'],
  ...PLAIN_FIELDS,
  ...KEPT_REFERENCES,
  ...DERIVED,
];

/**
 * What a PATCH array sets. A path into an object changes nothing and is no error: the vendor's false 200.
 * @param paths how odd paths are taken: `strict` refuses a leading slash and a wrong case; `lenient` takes
 *   the slash and the path into an object, and answers a wrong case with 200 and no change
 */
export function patchedFields(body: unknown, paths: 'strict' | 'lenient'): Fields {
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
    if (!PATHS.includes(name)) {
      if (paths === 'lenient' && isMisspelt(name)) continue;
      throw bad(`The path '${path}' is invalid`, 'path');
    }
    if (DERIVED.includes(name) || (inner !== undefined && paths === 'strict')) continue;
    const set = op === 'remove' ? null : value;
    fields[name] = inner === undefined ? set : { [inner]: set };
  }
  return fields;
}

function pathParts(path: string, paths: 'strict' | 'lenient'): string[] {
  return (paths === 'lenient' ? path.replace(/^\//, '') : path).split('/');
}

function isMisspelt(name: string): boolean {
  return PATHS.some((path) => path.toLowerCase() === name.toLowerCase());
}

function bad(message: string, field: string) {
  return invalidObject('ticket', [fieldError('InvalidPatch', message, 'ticket', field)]);
}
