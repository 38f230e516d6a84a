import { fieldError, invalidObject } from './connectwise.answers.js';
import type { Fields } from './connectwise.writes.js';

const PATHS = [
  'summary', 'status', 'board', 'company', 'priority', 'externalXRef', 'severity', 'impact', 'poNumber', 'siteName',
  'customerUpdatedFlag', 'customFields', 'contactName', 'processNotifications', 'skipCallback',
  'closedFlag', 'closedDate', 'actualHours',
]; // prettier-ignore
/** Accepted with 200, and nothing happens. */
const DERIVED = new Set(['closedFlag', 'closedDate', 'actualHours', 'processNotifications', 'skipCallback']);

/** What a PATCH array sets. A path into an object changes nothing and is no error: the vendor's false 200. */
export function patchedFields(body: unknown): Fields {
  if (!Array.isArray(body)) throw bad('A PATCH is an array of operations.', 'operations');
  const fields: Fields = {};
  for (const operation of body as unknown[]) {
    const { op, path, value } = (
      typeof operation === 'object' && operation !== null ? operation : {}
    ) as Fields;
    if (op !== 'add' && op !== 'replace' && op !== 'remove')
      throw bad(`op '${String(op)}' is not supported`, 'op');
    if (typeof path !== 'string' || path === '') throw bad('path is required', 'path');
    if (path.startsWith('/')) throw bad(`The path '${path}' is invalid`, 'path');
    if (path.includes('/')) continue;
    if (!PATHS.includes(path)) throw bad(`The path '${path}' is invalid`, 'path');
    if (!DERIVED.has(path)) fields[path] = op === 'remove' ? null : value;
  }
  return fields;
}

function bad(message: string, field: string) {
  return invalidObject('ticket', [fieldError('InvalidPatch', message, 'ticket', field)]);
}
