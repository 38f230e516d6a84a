/** A guest's line of vzdump's table. */
export interface Guest {
  vmid: string;
  name: string | null;
  status: string;
  durationMs: number | null;
  bytes: number | null;
  filename: string | null;
}

const COLUMNS = ['VMID', 'Name', 'Status', 'Time', 'Size', 'Filename'];
const LONGEST_LINE = 2000;

/** The table `VMID Name Status Time Size Filename`, cut by the places of its headings: names may hold spaces. */
export function guestsIn(message: string): Guest[] {
  const start = message.search(/^VMID +Name +Status +Time +Size +Filename *$/m);
  if (start < 0) return [];
  const [header = '', ...lines] = message.slice(start).split('\n', 10_000);
  const at = COLUMNS.map((name) => header.indexOf(name));
  const guests: Guest[] = [];
  for (const line of lines) {
    if (line.trim() === '') break;
    const guest = guestIn(line.slice(0, LONGEST_LINE), at);
    if (guest) guests.push(guest);
  }
  return guests;
}

function guestIn(line: string, at: readonly number[]): Guest | null {
  const [vmid, name, status, time, size, filename] = at.map((from, i) => line.slice(from, at[i + 1]).trim());
  if (!vmid || !/^\d{1,12}$/.test(vmid) || !status) return null;
  return {
    vmid,
    name: name || null,
    status,
    durationMs: durationMsOf(time ?? ''),
    bytes: bytesOf(size ?? ''),
    filename: filename || null,
  };
}

const SECONDS: Record<string, number> = { d: 86_400, h: 3600, m: 60, s: 1 };

/** `1h 2m 41s` */
export function durationMsOf(text: string): number | null {
  const parts = text.trim().split(' ');
  let seconds = 0;
  for (const part of parts) {
    const match = /^(\d{1,9})([dhms])$/.exec(part);
    if (!match) return null;
    seconds += Number(match[1]) * SECONDS[match[2]!]!;
  }
  return seconds * 1000;
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** `128.001 GiB`, rounded as it was printed. */
export function bytesOf(text: string): number | null {
  const match = /^(\d{1,12}(?:\.\d{1,6})?) (\w{1,3})$/.exec(text.trim());
  const power = UNITS.indexOf(match?.[2] ?? '');
  if (!match || power < 0) return null;
  const bytes = Math.round(Number(match[1]) * 1024 ** power);
  return Number.isSafeInteger(bytes) ? bytes : null;
}
