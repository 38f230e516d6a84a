import mustache from 'mustache';
import { oneLine, plainText } from './plain-text.js';

export const MAIL_TEMPLATES = ['event', 'event-handler', 'password-reset'] as const;
export type MailTemplate = (typeof MAIL_TEMPLATES)[number];

/** What a template may name. Text of strangers among it is cleaned and escaped here, and nowhere else. */
export type MailValues = Readonly<Record<string, string | number | null>>;

export interface RenderedMail {
  subject: string;
  text: string;
  html: string;
}

interface Source {
  subject: string;
  text: string;
  html: string;
}

const page = (body: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{{subject}}</title></head><body style="font-family:sans-serif;line-height:1.5">${body}<hr><p style="color:#555;font-size:small">{{brand}}</p></body></html>`;

const FACTS = [
  ['Account', '{{username}} ({{accountNo}})'],
  ['What', '{{what}}'],
  ['Job', '{{job}}'],
  ['Machine', '{{host}}'],
  ['When', '{{occurredAt}}'],
] as const;

const HANDLER_FACTS = [['Account', '{{accountNo}}'], ...FACTS.slice(1)] as const;

// Logic-less and written here: nothing that a partner types is ever a template.
const SOURCES: Readonly<Record<MailTemplate, Source>> = {
  event: {
    subject: '{{severity}}: {{what}} - {{subjectOf}}',
    text: `${FACTS.map(([name, value]) => `${name}: ${value}`).join('\n')}

{{message}}

--
{{brand}}
Choose what you hear of: {{optionsUrl}}
`,
    html: page(
      `<h1 style="font-size:1.2em">{{severity}}: {{what}}</h1><table>${FACTS.map(
        ([name, value]) => `<tr><th align="left">${name}</th><td>${value}</td></tr>`,
      ).join(
        '',
      )}</table><pre style="white-space:pre-wrap">{{message}}</pre><p><a href="{{optionsUrl}}">Choose what you hear of</a></p>`,
    ),
  },
  'event-handler': {
    subject: '{{title}}',
    text: `${HANDLER_FACTS.map(([name, value]) => `${name}: ${value}`).join('\n')}

{{message}}

--
{{brand}}
Sent by the event handler {{handler}}
`,
    html: page(
      `<h1 style="font-size:1.2em">{{title}}</h1><table>${HANDLER_FACTS.map(
        ([name, value]) => `<tr><th align="left">${name}</th><td>${value}</td></tr>`,
      ).join(
        '',
      )}</table><pre style="white-space:pre-wrap">{{message}}</pre><p>Sent by the event handler <b>{{handler}}</b></p>`,
    ),
  },
  'password-reset': {
    subject: 'Choose a new password',
    text: `Somebody asked for a new password of {{username}} at {{brand}}. To choose one, open

{{resetUrl}}

within 30 minutes; it works once. If it was not you, do nothing: the password stays as it is.

--
{{brand}}
`,
    html: page(
      `<p>Somebody asked for a new password of <b>{{username}}</b> at {{brand}}.</p><p><a href="{{resetUrl}}">Choose a new password</a> within 30 minutes; it works once.</p><p>If it was not you, do nothing: the password stays as it is.</p>`,
    ),
  },
};

const LONGEST = { subject: 150, message: 2000, other: 300 };

export function renderMail(template: MailTemplate, values: MailValues): RenderedMail {
  const source = SOURCES[template];
  const clean = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, cleaned(name, value)]),
  );
  const subject = oneLine(asText(source.subject, clean), LONGEST.subject);
  const shown = { ...clean, subject };
  return { subject, text: asText(source.text, shown), html: mustache.render(source.html, shown) };
}

const asText = (source: string, values: object): string =>
  mustache.render(source, values, {}, { escape: String });

function cleaned(name: string, value: string | number | null): string {
  const text = String(value ?? '-');
  if (name.endsWith('Url')) return text;
  return name === 'message' ? plainText(text, LONGEST.message) : oneLine(text, LONGEST.other);
}
