import type { Place } from './marks.js';

export interface Reply {
  status: number;
  etag: string;
  cookie: string | null;
  body: Record<string, unknown> & { items?: Record<string, unknown>[] };
}

/** Somebody at the gateway, or an agent at ingestion, whose answers are kept for the search. */
export class Client {
  readonly answers: Place[] = [];

  constructor(private readonly url: string) {}

  async call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Reply> {
    const isText = typeof body === 'string';
    const answer = await fetch(this.url + path, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: isText ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    });
    const text = await answer.text();
    const name = `answer ${answer.status} ${method} ${path.replace(/\?.*/, '').replace(/[0-9a-f-]{36}/g, '{id}')}`;
    this.answers.push({ name, text: text + JSON.stringify([...answer.headers]) });
    const [cookie = null] = (answer.headers.get('set-cookie') ?? '').match(/__Host-sid=[\w-]+/) ?? [];
    return { status: answer.status, etag: answer.headers.get('etag') ?? '', cookie, body: jsonOf(text) };
  }

  /** Changes what is there now. */
  async put(path: string, body: object, headers: Record<string, string>): Promise<Reply> {
    const { etag } = await this.call('GET', path, undefined, headers);
    return this.call('PUT', path, body, { ...headers, 'if-match': etag });
  }
}

function jsonOf(text: string): Reply['body'] {
  try {
    return JSON.parse(text) as Reply['body'];
  } catch {
    return {};
  }
}
