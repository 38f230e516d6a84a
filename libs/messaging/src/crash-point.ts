/**
 * A place between two effects where a test may kill the process: `CRASH_AT=name` at its first pass, `name#3` at its third,
 * `name=subject` whenever it works on that subject. With `CRASH_BY=SIGSTOP` it freezes there instead, with `CRASH_BY=8000`
 * it stands still for so many milliseconds.
 * Does nothing otherwise.
 */
const [place = '', nth] = (process.env['CRASH_AT'] ?? '').split('#');
const [target, wanted] = place.split('=');
const crashAt = Number(nth ?? 1);
const crashBy = process.env['CRASH_BY'] ?? 'SIGKILL';
let passes = 0;

export function crashPoint(name: string, subject?: string): void {
  if (name !== target || (wanted !== undefined && wanted !== subject)) return;
  passes += 1;
  // A signal that cannot be caught: nothing is flushed, nothing is rolled back in an orderly way.
  if (passes !== crashAt) return;
  if (/^\d+$/.test(crashBy)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(crashBy));
  else process.kill(process.pid, crashBy);
}
