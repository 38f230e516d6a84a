/** `npm run test:faults`: rows of the fault matrix in their long form, or a run of random kills. */
import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { killRun } from './kill-run.js';
import { type FaultRow, GROUPS, type GroupName, type RowReport, SharedSystem } from './row.js';
import { ROWS } from './rows/index.js';
import { System } from './system.js';

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const secondsSince = (startedAt: number): string => ((performance.now() - startedAt) / 1000).toFixed(1);
const factsOf = (facts: Iterable<[string, unknown]>): string =>
  [...facts]
    .map(([what, value]) => `${what}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');

function wantedRows(wanted: string): FaultRow[] {
  if (wanted === 'all') return [...ROWS];
  return wanted.split(',').map((number) => {
    const row = ROWS.find((candidate) => candidate.number === Number(number));
    if (!row) throw new Error(`There is no row ${number}: ${ROWS.map((known) => known.number).join(', ')}`);
    return row;
  });
}

function report({ row, seconds, measures, figures }: RowReport): void {
  say(`row ${row.number}: ${row.fault}`);
  say(`  ${seconds.toFixed(1)} s; ${factsOf([...measures, ...Object.entries(figures)])}`);
  say('  every invariant held');
}

/** Answers how many rows failed. */
async function runGroup(
  group: GroupName,
  rows: readonly FaultRow[],
  seed: number,
  isLong: boolean,
): Promise<number> {
  const shared = new SharedSystem(group);
  let failed = 0;
  for (const row of rows) {
    try {
      report(await shared.run(row, { seed, isLong }));
    } catch (error) {
      failed += 1;
      say(
        `row ${row.number}: ${row.fault}\n  FAILED: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  await shared.close();
  return failed;
}

async function runRows(rows: readonly FaultRow[], seed: number, isLong: boolean): Promise<number> {
  let failed = 0;
  for (const group of Object.keys(GROUPS) as GroupName[]) {
    const mine = rows.filter((row) => row.group === group);
    if (mine.length) failed += await runGroup(group, mine, seed, isLong);
  }
  say(`${rows.length} rows, seed ${seed}: ${failed ? `${failed} FAILED` : 'every invariant held'}`);
  return failed;
}

/** PostgreSQL and three brokers of its own are among the victims. */
async function runKills(kills: number, seed: number, atOnce: number): Promise<number> {
  const system = await System.start({
    own: ['postgres', 'kafka-cluster'],
    isSupervised: true,
    hasSync: true,
  });
  const startedAt = performance.now();
  try {
    const onKill = (done: number): void => {
      if (done % 25 === 0) say(`  ${done} kills after ${secondsSince(startedAt)} s`);
    };
    const { figures, victims } = await killRun(system, { kills, seed, atOnce, onKill });
    say(`${kills} kills, seed ${seed}, ${secondsSince(startedAt)} s: ${factsOf(victims)}`);
    say(`  ${factsOf(Object.entries(figures))}\n  every invariant held`);
    const deaths = system.fleet.unexpectedDeaths();
    say(`  ${deaths.length} services ended by themselves and were started again ${deaths.join('; ')}`);
    return 0;
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    say(`${kills} kills, seed ${seed}: FAILED: ${said}\n${system.fleet.complaints()}`);
    return 1;
  } finally {
    await system.close();
  }
}

const { values } = parseArgs({
  options: {
    rows: { type: 'string' },
    kills: { type: 'string' },
    seed: { type: 'string', default: '1' },
    'at-once': { type: 'string', default: '4' },
    short: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
let failed = 0;
if (values.rows) failed += await runRows(wantedRows(values.rows), seed, !values.short);
if (values.kills) failed += await runKills(Number(values.kills), seed, Number(values['at-once']));
process.exit(failed ? 1 : 0);
