import { readFileSync, writeFileSync } from 'node:fs';

function megabytesOf(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const line = readFileSync(`/proc/${pid}/status`, 'utf8').match(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm'));
  return Number(line?.[1]) / 1024;
}

/** What a process of this machine holds in memory. Linux only. */
export class Memory {
  constructor(private readonly pid: number) {}

  /** Megabytes that are resident now. The peak counts from here. */
  begin(): number {
    writeFileSync(`/proc/${this.pid}/clear_refs`, '5');
    return megabytesOf(this.pid, 'VmRSS');
  }

  /** Megabytes that were resident at most since `begin`. */
  peak(): number {
    return megabytesOf(this.pid, 'VmHWM');
  }
}
