import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

export interface TcpScript {
  port: number;
  /** Requests whose head arrived whole: what the other side could have committed. */
  requests: string[];
  close(): Promise<void>;
}

/** A real server that answers with bytes: `act` runs once for each request that arrived. */
export async function tcpScript(
  act: (socket: Socket, request: string) => void,
  tls?: { key: string; cert: string },
): Promise<TcpScript> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const onConnection = (socket: Socket): void => {
    let text = '';
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (data) => {
      text += data.toString('latin1');
      if (!isWhole(text)) return;
      requests.push(text);
      act(socket, text);
      text = '';
    });
  };
  const server: Server = tls ? createTlsServer(tls, onConnection) : createServer(onConnection);
  server.on('tlsClientError', () => undefined);
  const port = await listen(server);
  const close = async (): Promise<void> => {
    sockets.forEach((socket) => socket.destroy());
    await new Promise((resolve) => server.close(resolve));
  };
  return { port, requests, close };
}

/** A server that is met before any HTTP: `act` runs on the first bytes. */
export async function rawServer(act: (socket: Socket) => void): Promise<TcpScript> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => act(socket));
  });
  const port = await listen(server);
  const close = async (): Promise<void> => {
    sockets.forEach((socket) => socket.destroy());
    await new Promise((resolve) => server.close(resolve));
  };
  return { port, requests: [], close };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
  return text.length >= end + 4 + length;
}

/** Bytes of an answer with the right length. */
export function httpBytes(status: string, body: string, headers: Record<string, string> = {}): string {
  const lines = {
    'content-type': 'application/json',
    ...headers,
    'content-length': String(Buffer.byteLength(body)),
  };
  const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status}\r\n${head.join('')}\r\n${body}`;
}
