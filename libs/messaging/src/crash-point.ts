/**
 * A place between two effects where a test may kill the process: `CRASH_AT=name` at its first pass, `name#3` at its third.
 * Does nothing otherwise.
 */
const [target, nth] = (process.env['CRASH_AT'] ?? '').split('#');
const crashAt = Number(nth ?? 1);
let passes = 0;

export function crashPoint(name: string): void {
  if (name !== target) return;
  passes += 1;
  // A signal that cannot be caught: nothing is flushed, nothing is rolled back in an orderly way.
  if (passes === crashAt) process.kill(process.pid, 'SIGKILL');
}
