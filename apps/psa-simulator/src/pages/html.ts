/** Text that is markup already: only `html` makes it. */
export class Markup {
  constructor(readonly text: string) {}
}

export type Shown = Markup | string | number | null | undefined | false | readonly Shown[];

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Every value is escaped unless `html` made it: what an agent or a customer wrote is never markup here. */
export function html(strings: TemplateStringsArray, ...values: Shown[]): Markup {
  return new Markup(strings.reduce((text, literal, index) => text + literal + textOf(values[index]), ''));
}

function textOf(value: Shown): string {
  if (value instanceof Markup) return value.text;
  if (value === null || value === undefined || value === false) return '';
  if (typeof value === 'object') return value.map(textOf).join('');
  return String(value).replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? sign);
}
