/** A text as ConnectWise's `conditions` reads it: quoted, with quotes and backslashes escaped, on one line. */
export function quoted(text: string): string {
  const oneLine = text.replace(/\p{Cc}+/gu, ' ');
  return `"${oneLine.replace(/[\\"]/g, '\\$&')}"`;
}

export function equals(field: string, value: string | number | boolean): string {
  if (typeof value === 'string') return `${field} = ${quoted(value)}`;
  return `${field} = ${typeof value === 'boolean' ? (value ? 'True' : 'False') : value}`;
}

/** For `contains` and `like`, where a bracket would open a set. */
export function contains(field: string, text: string): string {
  return `${field} contains ${quoted(text.replaceAll('[', '[[]'))}`;
}
