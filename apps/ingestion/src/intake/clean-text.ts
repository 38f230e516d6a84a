import { toWellFormedText } from '@backhaul/domain';

/** How JSON writes NUL and what may be a lone surrogate. A backslash in the text itself costs a second look only. */
const SUSPECT = /\\u(?:0000|d[89a-f][0-9a-f]{2})/;

/** JSON whose texts every reader can hold; the report's own bytes are kept apart. */
export function cleanJson(value: unknown): string {
  const json = JSON.stringify(value);
  return json.includes('\\u') && SUSPECT.test(json) ? JSON.stringify(cleaned(value)) : json;
}

function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return toWellFormedText(value);
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [toWellFormedText(name), cleaned(inner)]),
  );
}
