/** Problem or thing, as the gateway answered it. */
export interface Answer<T> {
  status: number;
  body: T;
  etag: string | null;
}

/** The API as programs of the seeded partner call it, with its API key. */
export class PartnerApi {
  constructor(
    private readonly gatewayUrl: string,
    private readonly apiKey: string,
  ) {}

  /** @param path behind `/api/v1` */
  async call<T>(method: string, path: string, body?: object, etag?: string | null): Promise<Answer<T>> {
    const answer = await fetch(`${this.gatewayUrl}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.apiKey}`,
        ...(body && { 'content-type': 'application/json' }),
        ...(etag != null && { 'if-match': etag }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      body: (text ? JSON.parse(text) : null) as T,
      etag: answer.headers.get('etag'),
    };
  }

  /** The answer as it comes. */
  read(path: string): Promise<Response> {
    return fetch(`${this.gatewayUrl}/api/v1${path}`, {
      headers: { authorization: `Bearer ${this.apiKey}` },
      signal: AbortSignal.timeout(30_000),
    });
  }

  /** @throws Error when it is refused */
  async get<T>(path: string): Promise<T> {
    return (await this.must<T>('GET', path)).body;
  }

  /** Replaces the thing that is there now. @throws Error when it is refused */
  async put<T>(path: string, body: object): Promise<T> {
    const { etag } = await this.must('GET', path);
    return (await this.must<T>('PUT', path, body, etag)).body;
  }

  /** @throws Error when it is refused */
  async post<T>(path: string, body?: object): Promise<T> {
    return (await this.must<T>('POST', path, body)).body;
  }

  private async must<T>(
    method: string,
    path: string,
    body?: object,
    etag?: string | null,
  ): Promise<Answer<T>> {
    const answer = await this.call<T>(method, path, body, etag);
    if (answer.status >= 300)
      throw new Error(`${method} ${path} answered ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer;
  }
}
