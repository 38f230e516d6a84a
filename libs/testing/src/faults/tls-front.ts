import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';

const HANDSHAKE = 0x16;
const HANG_UP_MS = 5000;

/** TLS in front of a plain server of this machine, with a certificate that may change while it listens. */
export class TlsFront {
  /** Connections that became TLS, and so could carry a request. */
  accepted = 0;
  /** Connections that began with anything else. */
  plain = 0;
  private inner: Server | null = null;
  private readonly sockets = new Set<Socket>();
  private readonly outer = createServer((socket) => this.look(socket));

  private constructor(private readonly target: number) {}

  /** @param target port behind it */
  static async start(target: number, options: TlsOptions): Promise<TlsFront> {
    const front = new TlsFront(target);
    await listen(front.outer);
    await front.serve(options);
    return front;
  }

  get port(): number {
    return portOf(this.outer);
  }

  /** From now on, and for those that are connected: they have to connect anew. */
  async serve(options: TlsOptions): Promise<void> {
    await Promise.all([...this.sockets].map(hungUp));
    const inner = createTlsServer(options, (socket) => {
      this.accepted += 1;
      join(socket, connect(this.target, '127.0.0.1'));
    });
    inner.on('tlsClientError', () => undefined);
    await listen(inner);
    this.inner?.close();
    this.inner = inner;
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.inner?.close();
    this.outer.close();
  }

  private look(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket)).on('error', () => undefined);
    socket.once('data', (first) => {
      if (first[0] !== HANDSHAKE || !this.inner) {
        this.plain += 1;
        return void socket.destroy();
      }
      const inside = connect(portOf(this.inner), '127.0.0.1');
      inside.write(first);
      join(socket, inside);
    });
  }
}

/** Resolves when the other side knows it, too: a call on a connection that is being closed is in doubt. */
async function hungUp(socket: Socket): Promise<void> {
  const gone = once(socket, 'close');
  socket.setTimeout(HANG_UP_MS, () => socket.destroy()).end();
  await gone;
}

/** What the one says the other hears, until either hangs up. */
function join(one: Socket, other: Socket): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.pipe(to);
    from.on('error', () => to.destroy()).on('close', () => to.end());
  }
}

async function listen(server: Server): Promise<void> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;
