import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

export interface Line {
  kind: string;
}

/** Something whose state is lines. It ignores lines of a kind that it does not know. */
export interface Kept {
  apply(line: Line): void;
  /** What it is now, in as few lines as tell it. */
  lines(): Line[];
}

/** An append-only file of JSON lines, so that a restart keeps what was answered for. */
export class Journal {
  private readonly kept: Kept[] = [];
  private file: number | null = null;

  /** @param path of the file, or null to keep nothing */
  constructor(private readonly path: string | null) {}

  keep(kept: Kept): void {
    this.kept.push(kept);
  }

  /** Hands what the file says to all that is kept. A torn last line is what a killed process leaves: ignored. */
  open(): void {
    if (this.path === null) return;
    mkdirSync(dirname(this.path), { recursive: true });
    if (existsSync(this.path))
      for (const line of parseLines(readFileSync(this.path, 'utf8')))
        for (const kept of this.kept) kept.apply(line);
    this.rewrite();
  }

  /** Written when it returns. */
  append(line: Line): void {
    if (this.file !== null) writeSync(this.file, `${JSON.stringify(line)}\n`);
  }

  /** Begins the file anew with what is now. */
  rewrite(): void {
    if (this.path === null) return;
    this.close();
    const lines = this.kept.flatMap((kept) => kept.lines());
    writeFileSync(`${this.path}.new`, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    renameSync(`${this.path}.new`, this.path);
    this.file = openSync(this.path, 'a');
  }

  close(): void {
    if (this.file !== null) closeSync(this.file);
    this.file = null;
  }
}

function parseLines(text: string): Line[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
}
