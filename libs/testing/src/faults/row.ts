import type { Figures } from './invariants.js';
import { System, type SystemOptions } from './system.js';

export const PHASES = ['arrange', 'inject', 'expect', 'heal', 'invariants'] as const;
export type Phase = (typeof PHASES)[number];

export interface RowForm {
  seed: number;
  /** The long form, of the command; the short one is for suites. */
  isLong: boolean;
}

export interface RowRun extends RowForm {
  system: System;
  /** Names the step that begins: a failure says in which it happened. */
  phase(name: Exclude<Phase, 'invariants'>): void;
  /** Drains, and checks all that must hold. Every row ends with it. */
  invariants(timeoutMs?: number): Promise<Figures>;
  /** A figure for the report. */
  measured(what: string, value: number | string): void;
}

/** One row of the fault matrix. */
export interface FaultRow {
  number: number;
  /** What fails, and how. */
  fault: string;
  /** What is promised all the same. */
  expected: string;
  promises: readonly string[];
  /** The system it needs; rows of one group share theirs. */
  group: GroupName;
  /** The suite that proves the same on less than the whole system; the row itself is left to the command. */
  smaller?: string;
  run(run: RowRun): Promise<void>;
}

/** The systems that rows run on, with what they need of their own. */
export const GROUPS = {
  deaths: {},
  consumers: {},
  psas: {},
  servers: { own: ['postgres', 'kafka'] },
  cluster: { own: ['kafka-cluster'] },
  disks: { own: ['small-disks', 'kafka'] },
  wires: { own: ['postgres', 'kafka', 'proxies'] },
} as const satisfies Record<string, SystemOptions>;
export type GroupName = keyof typeof GROUPS;

export interface RowReport {
  row: FaultRow;
  seconds: number;
  measures: Map<string, number | string>;
  figures: Figures;
}

/** Runs a row. @throws Error with its number and the phase in which it failed, and what the services complained of */
export async function runRow(row: FaultRow, system: System, { seed, isLong }: RowForm): Promise<RowReport> {
  const measures = new Map<string, number | string>();
  const startedAt = performance.now();
  const passed: Phase[] = [];
  let figures: Figures | null = null;
  try {
    await row.run({
      system,
      seed,
      isLong,
      phase: (name) => void passed.push(name),
      invariants: async (timeoutMs) => {
        passed.push('invariants');
        return (figures = await system.invariants(timeoutMs));
      },
      measured: (what, value) => void measures.set(what, value),
    });
    const missed = PHASES.filter((name) => !passed.includes(name));
    if (missed.length || !figures) throw new Error(`The row has no ${missed.join(', ')}`);
  } catch (error) {
    const phase = passed.at(-1) ?? 'before its first phase';
    const said = error instanceof Error ? error.message : String(error);
    const complaints = system.fleet.complaints();
    throw new Error(`Row ${row.number}, ${phase}: ${said}\n${complaints}`, { cause: error });
  }
  return { row, seconds: (performance.now() - startedAt) / 1000, measures, figures };
}

/** The rows of a group share a system. A row that failed may have left it in any state: the next one has a new one. */
export class SharedSystem {
  private system: System | null = null;

  constructor(private readonly group: GroupName) {}

  async run(row: FaultRow, form: RowForm): Promise<RowReport> {
    this.system ??= await System.start(GROUPS[this.group]);
    try {
      return await runRow(row, this.system, form);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.system?.close();
    this.system = null;
  }
}
