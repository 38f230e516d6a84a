import { request as httpRequest, type IncomingMessage } from 'node:http';

export interface Told {
  event: string;
  id: string;
  data: Record<string, unknown>;
}

/** Somebody who listens to `/api/v1/stream`. */
export class Listener {
  private text = '';
  isEnded = false;

  private constructor(
    readonly status: number,
    readonly headers: IncomingMessage['headers'],
    private readonly message: IncomingMessage,
  ) {
    message.on('data', (chunk: Buffer) => (this.text += chunk.toString()));
    message.once('close', () => (this.isEnded = true));
  }

  static open(port: number, headers: Record<string, string>): Promise<Listener> {
    return new Promise((resolve, reject) => {
      const request = httpRequest({ host: '127.0.0.1', port, path: '/api/v1/stream', headers }, (message) =>
        resolve(new Listener(message.statusCode ?? 0, message.headers, message)),
      );
      request.on('error', reject);
      request.end();
    });
  }

  /** Reads no further, and leaves the connection open. */
  pause(): void {
    this.message.pause();
  }

  close(): void {
    this.message.destroy();
  }

  /** The last id that came. */
  get lastId(): string {
    return [...this.text.matchAll(/^id: (.+)$/gm)].at(-1)?.[1] ?? '';
  }

  get told(): Told[] {
    return this.text
      .split('\n\n')
      .filter((block) => block.includes('event: '))
      .map((block) => {
        const fields = new Map(block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)])); // prettier-ignore
        return {
          event: fields.get('event') ?? '',
          id: fields.get('id') ?? '',
          data: JSON.parse(fields.get('data') ?? '{}') as Record<string, unknown>,
        };
      });
  }

  ids(): unknown[] {
    return this.told.map(({ data }) => data['id']);
  }
}
