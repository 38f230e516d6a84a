import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { eventually } from '../eventually.js';
import { repoRoot } from '../servers.js';
import type { RunningService } from '../service.js';
import type { Environment } from './fleet.js';

/** As it was built: it is loaded by services, which run what was built. */
const SHIFTED = pathToFileURL(join(repoRoot, 'libs/testing/dist/faults/shifted-clock.js')).href;
const HOUR_MS = 3_600_000;

/** The clock of the machine, as services that were started with its settings see it; all others see the real one. */
export class MachineClock {
  private readonly file: string;

  /** @param dir where it keeps how wrong it is */
  constructor(dir: string) {
    this.file = join(dir, 'clock-shift');
    this.write(0);
  }

  get settings(): Environment {
    return { NODE_OPTIONS: `--import=${SHIFTED}`, CLOCK_SHIFT_FILE: this.file };
  }

  /** It jumps to so many hours from the real time. Resolves when each of these services has it so. */
  async jump(hours: number, services: readonly RunningService[]): Promise<void> {
    const shiftMs = hours * HOUR_MS;
    this.write(shiftMs);
    const isThere = (service: RunningService): boolean =>
      service
        .logs()
        .split('\n')
        .findLast((line) => line.includes('"clockShiftMs"'))
        ?.includes(`"clockShiftMs":${shiftMs}}`) ?? false;
    await eventually(() => services.every(isThere), { timeoutMs: 30_000 });
  }

  /** Who reads it meanwhile finds the old or the new one. */
  private write(shiftMs: number): void {
    writeFileSync(`${this.file}.new`, String(shiftMs));
    renameSync(`${this.file}.new`, this.file);
  }
}
