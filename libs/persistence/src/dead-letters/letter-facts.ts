import { createHash } from 'node:crypto';

/** What may be shown of a record that nobody could take: what names things, and never what was said. */
const SHOWN = [
  'eventId', 'requestId', 'ruleId', 'partnerId', 'accountNo', 'custId', 'connectionId', 'incidentKey', 'operationId',
  'entryId', 'keyId', 'type', 'intent', 'severity', 'action', 'provider', 'state', 'mail', 'occurredAt', 'receivedAt', 'at',
] as const; // prettier-ignore
const LONGEST = 200;

export type Facts = Record<string, string | number | boolean>;

export interface LetterFacts {
  /** Of the payload. */
  bytes: number;
  /** Hex. */
  sha256: string | null;
  isJson: boolean;
  facts: Facts;
  accountNo: number | null;
  custId: number | null;
}

/** Text of unknown origin as one line that steers nothing. */
export const harmless = (text: string, longest = LONGEST): string =>
  text
    .slice(0, longest)
    .replace(
      /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu,
      (c) => `\\u${(c.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
    );

function parsed(value: Buffer | null): Record<string, unknown> | null {
  try {
    const json: unknown = JSON.parse(value?.toString('utf8') ?? '');
    return typeof json === 'object' && json !== null ? (json as Record<string, unknown>) : null;
  } catch {
    // Not JSON: then there is nothing to name.
    return null;
  }
}

const objectIn = (json: unknown, name: string): Record<string, unknown> => {
  const inner = (json as Record<string, unknown> | null)?.[name];
  return typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>) : {};
};

const numberIn = (value: unknown): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null;

/** Pure; takes any bytes. */
export function factsOf(value: Buffer | null): LetterFacts {
  const json = parsed(value);
  const event = objectIn(json, 'event');
  const tenant = objectIn(event, 'tenant');
  const facts: Facts = {};
  for (const source of [json ?? {}, event, tenant])
    for (const name of SHOWN) {
      const found = source[name];
      if (facts[name] !== undefined) continue;
      if (typeof found === 'string') facts[name] = harmless(found);
      else if (typeof found === 'number' || typeof found === 'boolean') facts[name] = found;
    }
  return {
    bytes: value?.length ?? 0,
    sha256: value === null ? null : createHash('sha256').update(value).digest('hex'),
    isJson: json !== null,
    facts,
    accountNo: numberIn(json?.['accountNo']) ?? numberIn(tenant['accountNo']),
    custId: numberIn(json?.['custId']) ?? numberIn(tenant['customerId']),
  };
}

/** What letters of one cause have in common: their reason without what names a single one. */
export const causeOf = (reason: string): string =>
  reason.replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, '#').replace(/\d+/g, '#');
