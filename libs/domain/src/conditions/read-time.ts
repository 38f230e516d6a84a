const TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?$/;

/** An ISO 8601 time, UTC unless it says otherwise, as milliseconds since 1970; null for anything else. */
export function readTime(text: string): number | null {
  if (!TIME.test(text)) return null;
  const hasZone = text.length === 10 || /(Z|[+-]\d{2}:\d{2})$/.test(text);
  const ms = Date.parse(hasZone ? text : `${text}Z`);
  return Number.isNaN(ms) ? null : ms;
}
