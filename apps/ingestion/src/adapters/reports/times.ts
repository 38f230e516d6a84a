import type { IsoTime } from '@backhaul/domain';

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)? ?(Z|[+-]\d\d(?::?\d\d)?)?$/;
/** Before any of these programs existed: year 1, 1601 and 1970 all mean "not set". */
const EARLIEST_MS = Date.UTC(1980, 0, 1);
/** The end of year 9999. */
const LATEST_MS = 253_402_300_799_999;
const DAY_MS = 86_400_000;

/** Reads times, and remembers what it had to assume of those without a zone. */
export class LocalClock {
  /** Whether a time was read that named its zone. */
  sawZone = false;
  /** Whether a time was read that did not. */
  sawLocal = false;
  /** Whether a local time fell into the hour that a clock change repeats or leaves out. */
  sawFold = false;

  constructor(readonly zone: string) {}

  /** ISO text, with zone or in the account's. */
  read(text: string): IsoTime | null {
    const parts = ISO.exec(text);
    if (parts === null) return null;
    const utc = utcOf(parts);
    if (utc === null) return null;
    const suffix = parts[8];
    return suffix === undefined ? this.local(utc) : this.known(utc - offsetMs(suffix));
  }

  /** Seconds since 1970. */
  readUnix(seconds: number): IsoTime | null {
    return Number.isFinite(seconds) ? this.known(Math.floor(seconds * 1000 + 1e-6)) : null;
  }

  private known(ms: number): IsoTime | null {
    if (!inRange(ms)) return null;
    this.sawZone = true;
    return new Date(ms).toISOString();
  }

  private local(wallMs: number): IsoTime | null {
    if (!inRange(wallMs)) return null;
    const { ms, isFold } = fromWall(wallMs, this.zone);
    this.sawLocal = true;
    this.sawFold ||= isFold;
    return new Date(ms).toISOString();
  }
}

function inRange(ms: number): boolean {
  return ms >= EARLIEST_MS && ms <= LATEST_MS;
}

function utcOf(parts: RegExpExecArray): number | null {
  const [year, month, day, hour, minute] = [+parts[1]!, +parts[2]!, +parts[3]!, +parts[4]!, +parts[5]!];
  const second = parts[6] === undefined ? 0 : +parts[6];
  if (hour > 24 || minute > 59 || second > 60) return null;
  const ms = parts[7] === undefined ? 0 : Math.floor(+`0.${parts[7]}` * 1000 + 1e-6);
  const date = Date.UTC(year, month - 1, day);
  // A day or month that does not exist rolls over.
  if (new Date(date).getUTCDate() !== day || month < 1 || month > 12) return null;
  return date + ((hour * 60 + minute) * 60 + second) * 1000 + ms;
}

function offsetMs(suffix: string): number {
  if (suffix === 'Z') return 0;
  const digits = suffix.slice(1).replace(':', '');
  const minutes = +digits.slice(0, 2) * 60 + (digits.length > 2 ? +digits.slice(2) : 0);
  return (suffix.startsWith('-') ? -minutes : minutes) * 60_000;
}

/** Whether a time in UTC with milliseconds says all that the text does: its zone, and nothing finer. */
export function exactTime(text: string, at: IsoTime): boolean {
  if (text === at) return true;
  if (!/(?:Z|[+-]\d\d(?::?\d\d)?)$/.test(text.slice(10))) return false;
  const dot = text.search(/[.,]/);
  if (dot < 0) return true;
  const fraction = /^\d+/.exec(text.slice(dot + 1))?.[0] ?? '';
  return fraction.length <= 3 || /^0*$/.test(fraction.slice(3));
}

const FORMATS = new Map<string, Intl.DateTimeFormat>();

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = FORMATS.get(zone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: isZone(zone) ? zone : 'UTC',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  if (FORMATS.size < 1000) FORMATS.set(zone, format);
  return format;
}

export function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: zone });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function offsetAt(ms: number, zone: string): number {
  const part: Record<string, number> = {};
  for (const { type, value } of formatOf(zone).formatToParts(ms)) part[type] = Number(value);
  const wall = Date.UTC(
    part['year']!,
    part['month']! - 1,
    part['day'],
    part['hour'],
    part['minute'],
    part['second'],
  );
  return wall - Math.floor(ms / 1000) * 1000;
}

/** An hour that comes twice means the first; one that never comes is read with the offset before it. */
function fromWall(wallMs: number, zone: string): { ms: number; isFold: boolean } {
  const before = wallMs - offsetAt(wallMs - DAY_MS, zone);
  const after = wallMs - offsetAt(wallMs + DAY_MS, zone);
  if (before === after) return { ms: before, isFold: false };
  const fits = [before, after].filter((ms) => ms + offsetAt(ms, zone) === wallMs);
  if (fits.length === 1) return { ms: fits[0]!, isFold: false };
  return { ms: fits.length === 2 ? Math.min(before, after) : before, isFold: true };
}
