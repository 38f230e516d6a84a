/**
 * What the body of an event says, as SQL. The body is searched as the text that it is: what agents write is not always JSON
 * to PostgreSQL, and its regular expressions cost ten times as much. Keys of the body stand in one order, strings in it are
 * escaped, and the parts named here are flat; so what is found first is the event's own, and never of one of its children
 * or of what the agent added. Nothing found is null or an empty text.
 */
const behind = (text: string, words: string): string => `split_part(${text}, '${words}', 2)`;
const upTo = (text: string, end: string): string => `split_part(${text}, '${end}', 1)`;
const stringIn = (text: string, key: string): string =>
  `nullif(${upTo(behind(text, `"${key}":"`), '"')}, '')`;
const part = (body: string, name: string): string => upTo(behind(body, `"${name}":{`), '}');

export const agentIn = (body: string): string =>
  `nullif(${upTo(behind(body, '"source":{"agent":"'), '"')}, '')`;

export const machineClassIn = (body: string): string => stringIn(body, 'machineClass');

export const timeIn = (body: string, key: 'startedAt' | 'endedAt'): string =>
  stringIn(part(body, 'timing'), key);

/** As text, for `wholeNumber`: a cast would fail for whoever reads many, should one be none. */
export const numberIn = (body: string, name: 'bytes' | 'counts', key: string): string =>
  upTo(behind(part(body, name), `"${key}":`), ',');

/** Null where the agent did not say. */
export const wholeNumber = (text: string | null): number | null =>
  text !== null && /^\d{1,16}$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : null;
