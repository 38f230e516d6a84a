export type Token =
  | { type: 'word'; text: string }
  | { type: 'operator'; text: '=' | '!=' | '<' | '<=' | '>' | '>=' }
  | { type: 'punctuation'; text: '(' | ')' | ',' }
  | { type: 'literal'; value: Literal };

export type Literal =
  | { kind: 'string'; value: string }
  | { kind: 'number'; value: number }
  | { kind: 'boolean'; value: boolean }
  | { kind: 'date'; value: number }
  | { kind: 'null'; value: null };

export class BadConditions extends Error {}

const PATTERNS: [RegExp, (text: string) => Token | null][] = [
  [/^\s+/, () => null],
  [/^"(?:[^"\\]|\\[\s\S])*"|^'(?:[^'\\]|\\[\s\S])*'/, (text) => literal('string', unescaped(text))],
  [/^\[[^\]]*\]/, (text) => dateLiteral(text)],
  [/^-?\d+(?:\.\d+)?(?![\w/])/, (text) => literal('number', Number(text))],
  [/^(?:<=|>=|!=|=|<|>)/, (text) => ({ type: 'operator', text: text as '=' })],
  [/^[(),]/, (text) => ({ type: 'punctuation', text: text as '(' })],
  [/^[A-Za-z_][\w]*(?:\/[A-Za-z_]\w*)*/, (text) => wordOrLiteral(text)],
];

/** @throws BadConditions */
export function tokenize(conditions: string): Token[] {
  const tokens: Token[] = [];
  let rest = conditions;
  while (rest !== '') {
    const [text, token] = nextToken(rest);
    if (token !== null) tokens.push(token);
    rest = rest.slice(text.length);
  }
  return tokens;
}

function nextToken(rest: string): [string, Token | null] {
  for (const [pattern, make] of PATTERNS) {
    const text = pattern.exec(rest)?.[0];
    if (text !== undefined) return [text, make(text)];
  }
  throw new BadConditions(`unexpected text at "${rest.slice(0, 20)}"`);
}

function unescaped(quoted: string): string {
  return quoted.slice(1, -1).replace(/\\([\s\S])/g, '$1');
}

function literal(kind: 'string' | 'number', value: string | number): Token {
  return { type: 'literal', value: { kind, value } as Literal };
}

function dateLiteral(text: string): Token {
  const inner = text.slice(1, -1);
  const time = Date.parse(inner);
  if (!/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?Z?)?$/.test(inner) || Number.isNaN(time)) {
    throw new BadConditions(`unsupported format of the date ${text}`);
  }
  return { type: 'literal', value: { kind: 'date', value: time } };
}

function wordOrLiteral(text: string): Token {
  const lower = text.toLowerCase();
  if (lower === 'true' || lower === 'false') {
    return { type: 'literal', value: { kind: 'boolean', value: lower === 'true' } };
  }
  if (lower === 'null') return { type: 'literal', value: { kind: 'null', value: null } };
  return { type: 'word', text };
}
