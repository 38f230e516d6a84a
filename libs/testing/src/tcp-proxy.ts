import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** One connection through the proxy, as a test looks at it. */
export interface Wire {
  /** The first bytes of the client, such as PostgreSQL's start-up message with its `application_name`. */
  readonly opening: string;
  /** How often the client spoke after the server had: its round trips. */
  readonly roundTrips: number;
}

interface Line extends Wire {
  opening: string;
  roundTrips: number;
  lastToSpeak: 'client' | 'server' | null;
  isDead: boolean;
}

/** A TCP proxy of a test's own, before a server on this machine: transparent until it is told to be something else. */
export class TcpProxy {
  private readonly lines = new Set<Line>();
  private readonly sockets = new Set<Socket>();
  private latencyMs = 0;
  private isHole = false;

  private constructor(
    private readonly targetPort: number,
    private readonly server: Server,
  ) {}

  /** Listens on that port, or on a free one. */
  static async start(targetPort: number, port = 0): Promise<TcpProxy> {
    // A half that ends must not end the other: that would tell of a death that a black hole keeps to itself.
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    const proxy = new TcpProxy(targetPort, server);
    server.on('connection', (client) => proxy.take(client));
    await new Promise<void>((listening, failed) => {
      server.once('error', failed).listen(port, '127.0.0.1', listening);
    });
    return proxy;
  }

  get port(): number {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('The proxy is closed');
    return address.port;
  }

  /** Every round trip takes that much longer, milliseconds. */
  slow(latencyMs: number): void {
    this.latencyMs = latencyMs;
  }

  /** From now on every byte is taken and none delivered; new connections open and hear nothing. */
  swallow(): void {
    this.isHole = true;
    for (const line of this.lines) line.isDead = true;
  }

  /** New connections work. Those that were open in the black hole are dead for ever, and nobody tells either side. */
  heal(): void {
    this.isHole = false;
    this.latencyMs = 0;
  }

  /** Resets every connection. */
  cut(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  /** The connections that are open now. */
  wires(): readonly Wire[] {
    return [...this.lines];
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((closed) => this.server.close(closed));
  }

  private take(client: Socket): void {
    const line: Line = { opening: '', roundTrips: 0, lastToSpeak: null, isDead: this.isHole };
    this.lines.add(line);
    this.keep(client).once('close', () => this.lines.delete(line));
    if (line.isDead) return void client.resume();
    const server = this.keep(
      connect({ port: this.targetPort, host: '127.0.0.1', allowHalfOpen: true, noDelay: true }),
    );
    server.on('error', () => !line.isDead && client.resetAndDestroy());
    client.once('close', () => !line.isDead && server.destroy());
    this.join(line, 'client', client, server);
    this.join(line, 'server', server, client);
  }

  private keep(socket: Socket): Socket {
    this.sockets.add(socket);
    return socket.on('error', () => undefined).once('close', () => this.sockets.delete(socket));
  }

  /** What `from` says reaches `to`, in its order, and later where the wire is slow. */
  private join(line: Line, who: 'client' | 'server', from: Socket, to: Socket): void {
    let last = Promise.resolve();
    const deliver = (act: () => void): void => {
      // Both ways together make a round trip; it is one of them that waits.
      const until = performance.now() + (who === 'client' ? this.latencyMs : 0);
      last = last.then(async () => {
        const ms = until - performance.now();
        if (ms > 0) await wait(ms);
        if (!line.isDead) act();
      });
    };
    from.on('data', (chunk: Buffer) => {
      this.note(line, who, chunk);
      deliver(() => void to.write(chunk));
    });
    from.on('end', () => deliver(() => void to.end()));
  }

  private note(line: Line, who: 'client' | 'server', chunk: Buffer): void {
    if (who === 'client' && line.opening === '') line.opening = chunk.toString('latin1');
    if (who === 'client' && line.lastToSpeak !== 'client') line.roundTrips += 1;
    line.lastToSpeak = who;
  }
}
