import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedCall {
  headers: IncomingHttpHeaders;
  body: string;
  path: string;
}

/** A receiver of webhooks: answers 204 unless a test says otherwise. */
export class TestReceiver {
  readonly calls: ReceivedCall[] = [];
  answer: (response: ServerResponse) => void = (response) => void response.writeHead(204).end();
  private readonly server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      this.calls.push({
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
        path: request.url ?? '',
      });
      this.answer(response);
    });
  });

  static async start(): Promise<TestReceiver> {
    const receiver = new TestReceiver();
    await new Promise<void>((resolve) => receiver.server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook?x=1`;
  }

  answers(status: number, body = '', headers: Record<string, string> = {}): void {
    this.answer = (response) => void response.writeHead(status, headers).end(body);
  }

  rest(): void {
    this.calls.length = 0;
    this.answers(204);
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
