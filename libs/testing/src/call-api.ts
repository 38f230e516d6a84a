export interface ApiReply {
  status: number;
  /** Empty where nothing was said. */
  body: Record<string, unknown>;
  /** The first cookie that was set, as a browser sends it back; empty without one. */
  cookie: string;
}

/** Asks a service for what stands below `/api/v1/`. */
export async function callApi(
  service: { readonly url: string },
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: object,
): Promise<ApiReply> {
  const answer = await fetch(`${service.url}/api/v1/${path}`, {
    method,
    headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
    cookie: answer.headers.get('set-cookie')?.split(';', 1)[0] ?? '',
  };
}

/** As `callApi`. @throws Error for what was not done */
export async function doneByApi(...args: Parameters<typeof callApi>): Promise<ApiReply> {
  const reply = await callApi(...args);
  const [, method, path] = args;
  if (reply.status >= 300)
    throw new Error(`${method} ${path}: ${reply.status} ${JSON.stringify(reply.body)}`);
  return reply;
}
