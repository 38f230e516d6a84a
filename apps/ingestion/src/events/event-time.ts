/** The smallest event id of a millisecond: the ids begin with the time of receipt, milliseconds since 1970. */
export function lowestIdOf(ms: number): string {
  const hex = Math.max(0, ms).toString(16).padStart(12, '0').slice(-12);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7000-8000-000000000000`;
}

/** When an event with this id was received. */
export const timeOfId = (eventId: string): string =>
  new Date(parseInt(eventId.replaceAll('-', '').slice(0, 12), 16)).toISOString();
