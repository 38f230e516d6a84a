/** The smallest event id of a millisecond: the ids begin with the time of receipt, milliseconds since 1970. */
export function lowestIdOf(ms: number): string {
  const hex = Math.max(0, ms).toString(16).padStart(12, '0').slice(-12);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7000-8000-000000000000`;
}

/** When an event with this id was received. */
export const timeOfId = (eventId: string): string =>
  new Date(parseInt(eventId.replaceAll('-', '').slice(0, 12), 16)).toISOString();

const TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?$/;

/** An ISO 8601 time, UTC unless it says otherwise, as milliseconds since 1970; null for anything else. */
export function readTime(text: string): number | null {
  if (!TIME.test(text)) return null;
  const hasZone = text.length === 10 || /(Z|[+-]\d{2}:\d{2})$/.test(text);
  const ms = Date.parse(hasZone ? text : `${text}Z`);
  return Number.isNaN(ms) ? null : ms;
}
