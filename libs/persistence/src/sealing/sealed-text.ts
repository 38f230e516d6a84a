import type { WrappedKey } from './data-key.js';
import { SealError } from './seal-error.js';

/** Where a secret belongs; sealed text opens nowhere else. */
export interface Place {
  tenant: string;
  table: string;
  column: string;
  rowId: string;
}

/** `v2.<kek id>.<data key version>.<wrapped data key>.<body>`: whoever has the key encryption key needs nothing else. */
export interface SealedText {
  kekId: string;
  version: number;
  wrapped: string;
  body: string;
}

const V2 = /^v2\.([0-9a-f]{16})\.([1-9]\d{0,8})\.([\w-]+)\.([\w-]+)$/;

/** Null for what was not sealed with a tenant's data key: the `v1` of before, or no sealed text at all. */
export function parseSealed(text: string): SealedText | null {
  const [, kekId, version, wrapped, body] = V2.exec(text) ?? [];
  return kekId && wrapped && body ? { kekId, version: Number(version), wrapped, body } : null;
}

export const formatSealed = ({ version, kekId, wrapped }: WrappedKey, body: string): string =>
  ['v2', kekId, version, wrapped, body].join('.');

/** What the body is bound to. */
export function boundTo({ tenant, table, column, rowId }: Place, version: number): string {
  const parts = [tenant, table, column, rowId];
  if (!parts.every((part) => /^[\w-]+$/.test(part))) throw new SealError();
  return ['v2', ...parts, version].join('|');
}
