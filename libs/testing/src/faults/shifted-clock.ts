/** To be imported before anything else: the clock of the machine of this process alone, which jumps as a file says. */
import { readFileSync } from 'node:fs';

/** How many milliseconds it is wrong. */
const file = process.env['CLOCK_SHIFT_FILE'] ?? '';
const LOOK_EVERY_MS = 100;
let shiftMs = 0;

function look(): void {
  const wanted = Number(readFileSync(file, 'utf8'));
  if (wanted === shiftMs) return;
  shiftMs = wanted;
  process.stdout.write(`${JSON.stringify({ level: 'info', clockShiftMs: shiftMs })}\n`);
}

const Sound = Date;
const soundNow = Sound.now.bind(Sound);
const now = (): number => soundNow() + shiftMs;
// Not behind the proxy: a process may put something of its own in its place, as it may on a real machine.
Sound.now = now;
globalThis.Date = new Proxy(Sound, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length > 0 ? args : [now()], newTarget) as object,
  apply: () => new Sound(now()).toString(),
});

look();
setInterval(look, LOOK_EVERY_MS).unref();
