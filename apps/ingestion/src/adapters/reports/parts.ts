import { type NativeReport, UnreadableReport } from '../adapter.js';
import { isObject, type JsonObject, setOwn } from './json.js';

/** As many as an array of canonical events may hold. */
export const MOST_PARTS = 1000;

/**
 * A report for each element of the array at `path`; what stands beside the array goes with each. A body with one
 * element or none is itself, byte for byte.
 * @throws {UnreadableReport} too many
 */
export function partsAt(report: NativeReport, root: JsonObject, path: readonly string[]): NativeReport[] {
  const list = valueAt(root, path);
  if (!Array.isArray(list) || list.length < 2) return [report];
  checkNumber(list.length);
  return list.map((element: unknown) => partOf(report, JSON.stringify(withValue(root, path, [element]))));
}

/** A report for each element of a body that is an array. @throws {UnreadableReport} too many */
export function partsOfArray(report: NativeReport, elements: readonly unknown[]): NativeReport[] {
  checkNumber(elements.length);
  return elements.map((element) => partOf(report, JSON.stringify(element)));
}

/** @throws {UnreadableReport} too many */
export function partsOfTexts(report: NativeReport, texts: readonly string[]): NativeReport[] {
  if (texts.length < 2) return [report];
  checkNumber(texts.length);
  return texts.map((text) => partOf(report, text));
}

export function partOf(report: NativeReport, text: string): NativeReport {
  return { ...report, text, body: Buffer.from(text) };
}

function checkNumber(parts: number): void {
  if (parts > MOST_PARTS) throw new UnreadableReport('too_many_runs');
}

function valueAt(root: JsonObject, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, name) => (isObject(at) ? at[name] : undefined), root);
}

/** A copy of `root` with `value` at `path`. */
export function withValue(root: JsonObject, [name, ...rest]: readonly string[], value: unknown): JsonObject {
  const copy: JsonObject = {};
  for (const key of Object.keys(root)) setOwn(copy, key, root[key]);
  if (name === undefined) return copy;
  const inner = root[name];
  setOwn(copy, name, rest.length > 0 && isObject(inner) ? withValue(inner, rest, value) : value);
  return copy;
}
