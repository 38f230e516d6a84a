import type { BadInput, Input } from '../users/bad-input.js';
import { html, type Markup } from './html.js';

/** What was typed and what was wrong with it, so that a form comes back with both. */
export interface Typed {
  values: Input;
  error: BadInput | null;
}
export const NOTHING_TYPED: Typed = { values: {}, error: null };

interface Field {
  name: string;
  label: string;
  type?: 'text' | 'email';
  hint?: string;
}

const valueOf = ({ values }: Typed, name: string): string => {
  const value = values[name];
  return typeof value === 'string' ? value : '';
};

function faultOf({ error }: Typed, name: string): Markup | false {
  const fault = error?.errors.find(({ field }) => field === name);
  return fault !== undefined && html`<span class="fault" id="${name}-fault">${fault.detail}</span>`;
}

function described(typed: Typed, name: string): Markup | false {
  return faultOf(typed, name) !== false && html`aria-invalid="true" aria-describedby="${name}-fault"`;
}

export function textField(typed: Typed, { name, label, type = 'text', hint = '' }: Field): Markup {
  return html`<label
    >${label}
    <input
      name="${name}"
      type="${type}"
      value="${valueOf(typed, name)}"
      autocomplete="off"
      ${described(typed, name)}
    />
    ${hint !== '' && html`<span class="hint">${hint}</span>`}${faultOf(typed, name)}</label
  >`;
}

/** Nothing is chosen at first: a choice that must be made is made by a person. */
export function choiceField(
  typed: Typed,
  { name, label, hint = '' }: Field,
  choices: readonly (readonly [value: string, label: string])[],
  chosen = valueOf(typed, name),
): Markup {
  const option = ([value, text]: readonly [string, string]): Markup =>
    html`<option value="${value}" ${value === chosen && html`selected`}>${text}</option>`;
  return html`<label
    >${label}
    <select name="${name}" ${described(typed, name)}>
      <option value="">Choose…</option>
      ${choices.map(option)}
    </select>
    ${hint !== '' && html`<span class="hint">${hint}</span>`}${faultOf(typed, name)}</label
  >`;
}

/** Above the form, for those who do not see the fields. */
export function faultSummary({ error }: Typed): Markup | false {
  return (
    error !== null &&
    html`<p class="alert" role="alert">
      Not saved. ${error.errors.length === 1 ? 'One field is' : `${error.errors.length} fields are`} wrong or
      missing; each says why.
    </p>`
  );
}

/** One button that posts a few fixed values. */
export function buttonForm(action: string, label: string, values: Record<string, string> = {}): Markup {
  const hidden = Object.entries(values).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
  );
  return html`<form method="post" action="${action}">${hidden}<button>${label}</button></form>`;
}

/** What is seen in this answer and in no other. */
export function shownOnce(rows: [name: string, value: string][]): Markup {
  return html`<section class="once" role="status" aria-label="New credentials">
    <p>Copy these now: this is the only time that the last one is shown.</p>
    <dl class="facts">
      ${rows.map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd><code>${value}</code></dd>
          </div>`,
      )}
    </dl>
  </section>`;
}
