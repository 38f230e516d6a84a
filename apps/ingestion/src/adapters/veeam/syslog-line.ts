/** One line of the server's syslog: when, from where, and its values by name. */
export interface SyslogLine {
  at: string;
  host: string;
  values: Map<string, string>;
}

const HEAD = /^(?:<\d{1,3}>)?1 (\S{1,64}) (\S{1,255}) Veeam_MP\b/;
const VALUES = '[categoryId=';
const NAME = /[\s[]*([A-Za-z]\w{0,63})=/y;
const BARE = /[^\s\]"]{0,200}/y;
/** Quotes inside a value are not escaped (T14): it ends before the next name, which is capitalised, or the bracket. */
const QUOTE_END = /"(?= [A-Z]\w{0,63}=)|"\]/g;

/** @returns null when it is no line of Veeam's */
export function readSyslogLine(line: string): SyslogLine | null {
  const head = HEAD.exec(line);
  if (!head) return null;
  return { at: head[1] ?? '', host: head[2] ?? '', values: valuesIn(line) };
}

function valuesIn(line: string): Map<string, string> {
  const values = new Map<string, string>();
  let at = line.indexOf(VALUES);
  while (at >= 0) {
    NAME.lastIndex = at;
    const name = NAME.exec(line)?.[1];
    if (name === undefined) break;
    const value = valueAt(line, NAME.lastIndex);
    if (!value) break;
    values.set(name, value.text);
    at = value.end;
  }
  return values;
}

function valueAt(line: string, at: number): { text: string; end: number } | null {
  if (line[at] !== '"') {
    BARE.lastIndex = at;
    return BARE.test(line) ? { text: line.slice(at, BARE.lastIndex), end: BARE.lastIndex } : null;
  }
  QUOTE_END.lastIndex = at + 1;
  const end = QUOTE_END.exec(line)?.index;
  return end === undefined ? null : { text: line.slice(at + 1, end), end: end + 1 };
}
