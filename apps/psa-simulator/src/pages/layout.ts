import type { Provider } from '../tickets/ticket.js';
import { html, type Markup, type Shown } from './html.js';

export const NAMES: Record<Provider, string> = { connectwise: 'ConnectWise', autotask: 'Autotask' };
const LINKS: [path: string, name: string][] = [
  ['/', 'Tickets'],
  ['/psa/connectwise/companies', 'ConnectWise companies'],
  ['/psa/connectwise/management-report', 'Management report'],
  ['/psa/connectwise/boards', 'Boards'],
  ['/psa/connectwise/members', 'Members'],
  ['/psa/autotask/companies', 'Autotask accounts'],
  ['/psa/autotask/queues', 'Queues'],
  ['/psa/autotask/resources', 'Resources'],
];

export interface Page {
  status: number;
  title: string;
  /** The path of the link that leads here. */
  at: string;
  body: Markup;
}

export const page = (at: string, title: string, body: Markup, status = 200): Page => ({
  status,
  title,
  at,
  body,
});

export function wholePage({ title, at, body }: Page): string {
  const link = ([path, name]: [string, string]): Markup =>
    html`<a href="${path}" ${path === at && html`aria-current="page"`}>${name}</a>`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} - PSA simulator</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/page.css" />
        <link rel="stylesheet" href="/pages.css" />
      </head>
      <body>
        <a class="skip" href="#main">Skip to content</a>
        <header>
          <p class="name">PSA simulator</p>
          <nav aria-label="Pages">${LINKS.map(link)}</nav>
        </header>
        <main id="main">
          <h1>${title}</h1>
          ${body}
        </main>
      </body>
    </html> `.text;
}

/** A table that scrolls by itself where the screen is narrow. */
export function table(name: string, heads: string[], rows: Shown[][], empty: string): Markup {
  if (rows.length === 0) return html`<p class="empty">${empty}</p>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${name}">
    <table>
      <thead>
        <tr>
          ${heads.map((head) => html`<th scope="col">${head}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (cells) =>
            html`<tr>
              ${cells.map((cell) => html`<td>${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** What is known of one thing, name by name; what is null or false is left out. */
export function facts(rows: [name: string, value: Shown][]): Markup {
  const known = rows.filter(([, value]) => value !== null && value !== undefined && value !== false);
  return html`<dl class="facts">
    ${known.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

export const time = (iso: string): Markup =>
  html`<time datetime="${iso}">${iso.replace('T', ' ').replace(/(?:\.\d+)?Z$/, ' UTC')}</time>`;

export const yesNo = (value: boolean): string => (value ? 'Yes' : 'No');

const PAGE_SIZE = 50;

/** Part of a long list, with the links to the others. */
export function paged<T>(
  rows: T[],
  path: string,
  query: Record<string, string>,
): { shown: T[]; pager: Markup } {
  const last = Math.max(1, Math.ceil(rows.length / PAGE_SIZE));
  const asked = /^\d{1,6}$/.test(query['page'] ?? '') ? Number(query['page']) : 1;
  const at = Math.min(Math.max(1, asked), last);
  const to = (number: number, name: string): Markup => {
    const search = new URLSearchParams({ ...query, page: String(number) });
    return html`<a href="${path}?${search.toString()}">${name}</a>`;
  };
  const pager = html`<nav class="pager" aria-label="Parts of the list">
    ${at > 1 && to(at - 1, 'Previous')} <span>${rows.length} in all, page ${at} of ${last}</span>
    ${at < last && to(at + 1, 'Next')}
  </nav>`;
  return { shown: rows.slice((at - 1) * PAGE_SIZE, at * PAGE_SIZE), pager };
}

export function searchForm(path: string, sought: string, label: string): Markup {
  return html`<form class="bar" method="get" action="${path}" role="search">
    <label>${label} <input name="q" type="search" value="${sought}" /></label>
    <button>Find</button>
  </form>`;
}
