import { UnreadableReport } from '../adapter.js';

export interface XmlElement {
  /** Without its namespace prefix. */
  name: string;
  attributes: Map<string, string>;
  children: XmlElement[];
  text: string;
  /** Where it stands in the source: its opening tag begins, that tag ends, the element ends. */
  start: number;
  openEnd: number;
  end: number;
}

const DEEPEST = 100;
const NAME = /[A-Za-z_][\w.:-]{0,199}/y;
const ATTRIBUTE = /\s+([A-Za-z_][\w.:-]{0,199})\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;
const TAG_END = /\s*(\/?)>/y;
const CLOSING = /\/([A-Za-z_][\w.:-]{0,199})\s*>/y;
const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/**
 * Reads the XML that agents write: elements, attributes, text. What is declared (DOCTYPE, entities of its own) is
 * refused, so nothing is ever looked up or blown up.
 * @throws {UnreadableReport}
 */
export function parseXml(text: string): XmlElement {
  return new XmlReader(text).read();
}

export function childText(element: XmlElement, name: string): string | null {
  return element.children.find((child) => child.name === name)?.text || null;
}

class XmlReader {
  private at = 0;
  private readonly open: XmlElement[] = [];
  private root: XmlElement | null = null;

  constructor(private readonly source: string) {}

  read(): XmlElement {
    for (;;) {
      const next = this.source.indexOf('<', this.at);
      this.takeText(next < 0 ? this.source.length : next);
      if (next < 0) break;
      this.at = next + 1;
      this.takeMarkup(next);
    }
    if (this.root === null || this.open.length > 0) throw new UnreadableReport('not_a_report');
    return this.root;
  }

  private takeText(end: number): void {
    const text = this.source.slice(this.at, end).replace(/^\ufeff/, '');
    const element = this.open.at(-1);
    if (element) element.text += decoded(text.trim());
    else if (text.trim() !== '') throw new UnreadableReport('not_a_report');
  }

  private takeMarkup(start: number): void {
    if (this.source.startsWith('?', this.at)) this.skipTo('?>');
    else if (this.source.startsWith('!--', this.at)) this.skipTo('-->');
    else if (this.source.startsWith('![CDATA[', this.at)) this.takeCdata();
    else if (this.source.startsWith('/', this.at)) this.close();
    else this.openElement(start);
  }

  private skipTo(mark: string): void {
    const end = this.source.indexOf(mark, this.at);
    if (end < 0) throw new UnreadableReport('not_a_report');
    this.at = end + mark.length;
  }

  private takeCdata(): void {
    const start = this.at + '![CDATA['.length;
    this.skipTo(']]>');
    const element = this.open.at(-1);
    if (element) element.text += this.source.slice(start, this.at - ']]>'.length);
  }

  private openElement(start: number): void {
    const name = localName(this.match(NAME)[0]);
    const attributes = new Map<string, string>();
    for (let found = this.tryMatch(ATTRIBUTE); found; found = this.tryMatch(ATTRIBUTE))
      attributes.set(localName(found[1] ?? ''), decoded(found[2] ?? found[3] ?? ''));
    const isEmpty = this.match(TAG_END)[1] === '/';
    const element = { name, attributes, children: [], text: '', start, openEnd: this.at, end: this.at };
    const parent = this.open.at(-1);
    if (parent) parent.children.push(element);
    else if (this.root === null) this.root = element;
    else throw new UnreadableReport('not_a_report');
    if (isEmpty) return;
    this.open.push(element);
    if (this.open.length > DEEPEST) throw new UnreadableReport('nested_too_deeply');
  }

  private close(): void {
    const name = localName(this.match(CLOSING)[1] ?? '');
    const element = this.open.pop();
    if (element?.name !== name) throw new UnreadableReport('not_a_report');
    element.end = this.at;
  }

  private match(pattern: RegExp): RegExpExecArray {
    const found = this.tryMatch(pattern);
    if (!found) throw new UnreadableReport('not_a_report');
    return found;
  }

  private tryMatch(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.source);
    if (found) this.at = pattern.lastIndex;
    return found;
  }
}

function localName(name: string): string {
  return name.slice(name.lastIndexOf(':') + 1);
}

function decoded(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(
    /&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(\w{1,8}));/g,
    (all, decimal: string | undefined, hex: string | undefined, name: string | undefined) => {
      if (name !== undefined) return ENTITIES[name] ?? all;
      const code = decimal === undefined ? parseInt(hex ?? '', 16) : Number(decimal);
      return code <= 0x10ffff ? String.fromCodePoint(code) : all;
    },
  );
}
