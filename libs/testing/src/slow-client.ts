import { connect, type Socket } from 'node:net';

export interface SlowRequest {
  /** Of the service, such as `http://127.0.0.1:8081`. */
  url: string;
  path: string;
  /** What the head says the body's length is, bytes. */
  contentLength?: number;
  /** Time between two bytes of the body; none comes without it. */
  byteEveryMs?: number;
}

export interface SlowAnswer {
  status: number;
  text: string;
  /** From the connection to its end, ms. */
  tookMs: number;
}

/** A client that sends the head of a POST, and then its body byte by byte until it is answered. */
export class SlowClient {
  private readonly socket: Socket;
  private readonly startedAt = performance.now();
  private readonly connected: Promise<void>;
  /** When the server has ended the connection, with what it said. */
  readonly answered: Promise<SlowAnswer>;

  constructor({ url, path, contentLength = 10_000, byteEveryMs }: SlowRequest) {
    const { hostname, port } = new URL(url);
    this.socket = connect(Number(port), hostname);
    let text = '';
    this.socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    // It may be cut: `answered` tells with what it was left.
    this.socket.on('error', () => undefined);
    this.connected = new Promise((resolve, reject) => {
      this.socket.once('connect', resolve);
      this.socket.once('error', reject);
    });
    this.socket.write(
      `POST ${path} HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type: application/json\r\ncontent-length: ${contentLength}\r\n\r\n`,
    );
    const timer = byteEveryMs === undefined ? null : setInterval(() => this.socket.write(' '), byteEveryMs);
    this.answered = new Promise((resolve) =>
      this.socket.once('close', () => {
        if (timer) clearInterval(timer);
        const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0);
        resolve({ status, text, tookMs: performance.now() - this.startedAt });
      }),
    );
  }

  /** @throws where nobody listens */
  ready(): Promise<void> {
    return this.connected;
  }

  /** A part of the body at once. */
  send(bytes: string): void {
    this.socket.write(bytes);
  }

  close(): void {
    this.socket.destroy();
  }
}
