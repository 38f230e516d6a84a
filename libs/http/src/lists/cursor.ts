import { createHash } from 'node:crypto';
import { Problem } from '../problems/problem.js';

type CursorValue = string | number | boolean | null;

/**
 * An opaque cursor over the sort key of the last row. The checksum is no secret: a cursor grants nothing,
 * because each query is scoped anew; it only makes an altered one a 400 and not a strange page.
 */
export function encodeCursor(values: readonly CursorValue[]): string {
  const json = JSON.stringify(values);
  return Buffer.from(`${checksum(json)}${json}`).toString('base64url');
}

/** The values given to `encodeCursor`; throws a 400 problem for anything else. */
export function decodeCursor(cursor: string): CursorValue[] {
  const text = Buffer.from(cursor, 'base64url').toString();
  const json = text.slice(8);
  const isOurs = cursor.length <= 1000 && checksum(json) === text.slice(0, 8) && json.startsWith('[');
  if (!isOurs || Buffer.from(text).toString('base64url') !== cursor) throw badCursor();
  return JSON.parse(json) as CursorValue[];
}

function checksum(json: string): string {
  return createHash('sha256').update(`backhaul-cursor.v1.${json}`).digest('hex').slice(0, 8);
}

function badCursor(): Problem {
  const detail = 'must be the nextCursor of an earlier answer';
  return Problem.badRequest([{ pointer: '/cursor', detail, rule: 'cursor' }]);
}
