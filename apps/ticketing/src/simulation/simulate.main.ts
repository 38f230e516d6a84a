import { runSchedule } from './schedule.js';

/** `node apps/ticketing/dist/simulation/simulate.main.js [schedules] [first seed]`; ends with 1 if one goes wrong. */
const [, , count = '100000', first] = process.argv;
const firstSeed = first === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(first);
const startedAt = performance.now();
let [tickets, kills, wrong] = [0, 0, 0];
console.log(`${count} schedules from seed ${firstSeed}`);
for (let n = 0; n < Number(count); n += 1) {
  const result = await runSchedule({ seed: firstSeed + n });
  tickets += result.tickets;
  kills += result.kills;
  if (result.violations.length === 0) continue;
  wrong += 1;
  console.error(`seed ${result.seed}: ${result.violations.join('; ')}`);
}
const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
console.log(`${tickets} tickets, ${kills} kills, ${wrong} wrong schedules, ${seconds} s`);
process.exitCode = wrong === 0 ? 0 : 1;
