import { PROBLEM_MEDIA_TYPE, type ProblemError } from '@backhaul/http';
import type { FastifyInstance } from 'fastify';

/** What programs of MyClient call. Its rules are those of the program that they were written for, not those of `/api/v1`. */
export const EXTERNAL_PATH = '/API/external';

export const isExternal = (url: string): boolean => url.split('?', 1)[0] === EXTERNAL_PATH;

export interface ExternalAnswer {
  /** The same as that of HTTP. */
  status: number;
  /** English, for people. */
  message: string;
}

/** XML where the address says `?xml`, whatever it is set to; else JSON. */
export function written(url: string, { status, message }: ExternalAnswer): { type: string; text: string } {
  if (new URL(url, 'http://gateway').searchParams.has('xml'))
    return { type: 'application/xml; charset=utf-8', text: xmlOf(status, message) };
  return { type: 'application/json; charset=utf-8', text: JSON.stringify({ status, message }) };
}

function xmlOf(status: number, message: string): string {
  const head = '<?xml version="1.0" encoding="UTF-8"?>';
  return `${head}\n<response><status>${status}</status><message>${escaped(message)}</message></response>\n`;
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Without the characters that no XML 1.0 document can hold, escaped or not. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '')
    .replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? sign);
}

/** Every refusal, also of what never reaches a controller, is said as these programs read it. */
export function answerProblemsInTheirWords(fastify: FastifyInstance): void {
  fastify.addHook('onSend', (request, reply, payload, done) => {
    const isProblem = reply.getHeader('content-type') === PROBLEM_MEDIA_TYPE;
    if (!isProblem || typeof payload !== 'string' || !isExternal(request.url)) return done(null, payload);
    const {
      status,
      detail,
      errors = [],
    } = JSON.parse(payload) as {
      status: number;
      detail: string;
      errors?: ProblemError[];
    };
    const faults = errors.map(({ pointer, detail: fault }) => `${pointer.slice(1)} ${fault}`);
    const message = faults.length === 0 ? detail : `${detail} ${faults.join('; ')}.`;
    const { type, text } = written(request.url, { status, message });
    reply.type(type);
    done(null, text);
  });
}
