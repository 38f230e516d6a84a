import type { Fields } from '../reports/fields.js';
import { isZone } from '../reports/times.js';

/** `GMT+12:00 (NZST)`, as the server writes a user's zone. */
const OFFSET = /^GMT([+-]\d\d:\d\d)/;

/** Ahsay's times are the user's (T8): the zone that the script gives, else the user's offset, else the account's. */
export function zoneOf(fields: Fields, otherwise: string): string {
  const zone = fields.peekText('zone');
  if (zone !== null && isZone(zone)) return zone;
  const offset = OFFSET.exec(fields.peekText('Timezone') ?? '')?.[1];
  return offset !== undefined && isZone(offset) ? offset : otherwise;
}
