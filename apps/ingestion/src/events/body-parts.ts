/**
 * What the body of an event says, as SQL. The body is searched as the text that it is: what agents write is not always JSON
 * to PostgreSQL. Its keys stand in one order, strings in it are escaped, and the parts named here are flat; so the first
 * match is the event's own, and never one of its children or of what the agent added.
 */
const flat = (body: string, part: string): string => `substring(${body} FROM '"${part}":\\{[^{}]*')`;

export const agentIn = (body: string): string =>
  `substring(${body} FROM '"source":\\{"agent":"([a-z-]{1,40})"')`;

export const machineClassIn = (body: string): string =>
  `substring(${body} FROM '"machineClass":"([a-z]{1,20})"')`;

export const timeIn = (body: string, key: 'startedAt' | 'endedAt'): string =>
  `substring(${flat(body, 'timing')} FROM '"${key}":"([^"]{1,40})"')`;

/** Null where the agent did not say. */
export const numberIn = (body: string, part: 'bytes' | 'counts', key: string): string =>
  `substring(${flat(body, part)} FROM '"${key}":([0-9]{1,16})')::bigint`;
