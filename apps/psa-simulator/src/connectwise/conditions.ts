import { BadConditions, tokenize, type Literal, type Token } from './condition-tokens.js';

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'contains' | 'like' | 'in';
export type Condition =
  | { kind: 'and' | 'or'; left: Condition; right: Condition }
  | { kind: 'not'; inner: Condition }
  | { kind: 'compare'; field: string; comparison: Comparison; values: Literal[] };

const MAX_DEPTH = 100;

/** Reads a `conditions` parameter: `and` binds tighter than `or`. @throws BadConditions */
export function parseConditions(text: string): Condition {
  const parser = new Parser(tokenize(text));
  const condition = parser.or(0);
  parser.end();
  return condition;
}

class Parser {
  private at = 0;

  constructor(private readonly tokens: Token[]) {}

  or(depth: number): Condition {
    let left = this.and(depth);
    while (this.acceptWord('or')) left = { kind: 'or', left, right: this.and(depth) };
    return left;
  }

  end(): void {
    if (this.at < this.tokens.length) throw new BadConditions('text after the end of the condition');
  }

  private and(depth: number): Condition {
    let left = this.term(depth);
    while (this.acceptWord('and')) left = { kind: 'and', left, right: this.term(depth) };
    return left;
  }

  private term(depth: number): Condition {
    if (depth > MAX_DEPTH) throw new BadConditions('too many parentheses');
    if (this.acceptWord('not')) return { kind: 'not', inner: this.term(depth + 1) };
    if (!this.accept('(')) return this.comparison();
    const inner = this.or(depth + 1);
    this.expect(')');
    return inner;
  }

  private comparison(): Condition {
    const field = this.next();
    if (field.type !== 'word') throw new BadConditions('a field was expected');
    if (this.acceptWord('not')) return { kind: 'not', inner: this.compared(field.text) };
    return this.compared(field.text);
  }

  private compared(field: string): Condition {
    const token = this.next();
    if (token.type === 'operator')
      return { kind: 'compare', field, comparison: token.text, values: [this.literal()] };
    const word = token.type === 'word' ? token.text.toLowerCase() : '';
    if (word === 'contains' || word === 'like')
      return { kind: 'compare', field, comparison: word, values: [this.literal()] };
    if (word === 'in') return { kind: 'compare', field, comparison: 'in', values: this.list() };
    throw new BadConditions(`an operator was expected after ${field}`);
  }

  private list(): Literal[] {
    this.expect('(');
    const values = [this.literal()];
    while (this.accept(',')) values.push(this.literal());
    this.expect(')');
    return values;
  }

  private literal(): Literal {
    const token = this.next();
    if (token.type !== 'literal')
      throw new BadConditions('a quoted string, [date], number, boolean or null was expected');
    return token.value;
  }

  private next(): Token {
    const token = this.tokens[this.at];
    if (token === undefined) throw new BadConditions('the condition ends too early');
    this.at += 1;
    return token;
  }

  private acceptWord(word: string): boolean {
    const token = this.tokens[this.at];
    const isIt = token?.type === 'word' && token.text.toLowerCase() === word;
    if (isIt) this.at += 1;
    return isIt;
  }

  private accept(text: string): boolean {
    const token = this.tokens[this.at];
    const isIt = token?.type === 'punctuation' && token.text === text;
    if (isIt) this.at += 1;
    return isIt;
  }

  private expect(text: string): void {
    if (!this.accept(text)) throw new BadConditions(`"${text}" was expected`);
  }
}
