import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const BALLAST = '.ballast';
const NEEDS =
  'A small disk is a tmpfs, which only root on Linux may mount: run this as root, such as in a container';

/** A disk of that size, in memory, that a test may fill to the last byte. Unmounted at the end of the process at the latest. */
export class SmallDisk {
  private readonly atExit = (): void => this.unmount();

  /** @throws Error that says what it needs */
  constructor(
    readonly path: string,
    sizeMb: number,
  ) {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const options = `size=${sizeMb}m,mode=0700`;
    const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'backhaul-test', path], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`${NEEDS}. ${stderr ?? ''}`);
    process.once('exit', this.atExit);
  }

  /** Leaves no room. What others write while it fills up counts as well. */
  fill(): void {
    const file = openSync(join(this.path, BALLAST), 'a');
    try {
      for (const size of [1 << 20, 1 << 12]) writeUntilFull(file, Buffer.alloc(size));
    } finally {
      closeSync(file);
    }
  }

  /** Removes what filled it. */
  free(): void {
    rmSync(join(this.path, BALLAST), { force: true });
  }

  /** Also where a process still has it open: it goes with that. */
  unmount(): void {
    process.off('exit', this.atExit);
    spawnSync('umount', ['-l', this.path]);
  }
}

function writeUntilFull(file: number, block: Buffer): void {
  for (;;) {
    try {
      // Less than the whole of it was the last that there was room for.
      if (writeSync(file, block) < block.length) return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return;
      throw error;
    }
  }
}
